import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const MINIMAL = `
[machine]
hostname = "m1"
address = "10.78.0.11"
metadata = { role = "worker" }
[etcd]
endpoints = ["https://10.78.0.11:2379"]
`;

test("defaults fill what the file leaves out", () => {
  const parsed = parseConfig(MINIMAL, {});
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      etcd: { prefix: "/quarterdeck/" },
      pki: { dir: "/etc/quarterdeck/pki" },
      agent: { port: 7443, lease_ttl_seconds: 10, fleet_api: false },
      engine: {
        port: 7444,
        grace_seconds: 1,
        fleet_lock: false,
        fleet_lock_slots: 1,
        fleet_lock_overdue_minutes: 30,
      },
    },
  });
});

test("an environment variable overrides a value of the file", () => {
  const parsed = parseConfig(MINIMAL, {
    QUARTERDECK_AGENT_LEASE_TTL_SECONDS: "30",
    QUARTERDECK_ETCD_ENDPOINTS: "https://a:1,https://b:2",
    QUARTERDECK_MACHINE_METADATA: "role=db,zone=a",
  });
  expect(parsed).toMatchObject({
    ok: true,
    value: {
      agent: { lease_ttl_seconds: 30 },
      etcd: { endpoints: ["https://a:1", "https://b:2"] },
      machine: { metadata: { role: "db", zone: "a" } },
    },
  });
});

test.each([
  [
    "an unknown key names the nearest",
    `${MINIMAL}[agent]\nlease_ttl = 3\n`,
    "unknown key agent.lease_ttl",
    "write lease_ttl_seconds",
  ],
  ["an unknown section names the nearest", `${MINIMAL}[agnet]\nport = 3\n`, "unknown key agnet", "write agent"],
  [
    "a value out of range names its key",
    `${MINIMAL}[agent]\nport = 70000\n`,
    "agent.port",
    "docs/reference/machine.md",
  ],
  [
    "a group of nobody would let nobody reboot",
    `${MINIMAL}[engine]\nfleet_lock_slots = 0\n`,
    "engine.fleet_lock_slots",
    "docs/reference/machine.md",
  ],
  [
    "plain http is no endpoint",
    MINIMAL.replace("https://", "http://"),
    "etcd.endpoints.0",
    "docs/reference/machine.md",
  ],
  ["what is not TOML says where", "[machine\n", "not TOML", "mend the line"],
])("%s", (_title, text, message, hint) => {
  const parsed = parseConfig(text, {});
  expect(parsed.ok).toBe(false);
  if (parsed.ok) return;
  expect(parsed.error.code).toBe("INVALID_CONFIG");
  expect(parsed.error.message).toContain(message);
  expect(parsed.error.try).toContain(hint);
});

test.each(["127.0.0.1:49153", "[::1]:49153", "10.78.0.11:80"])("fleet's API may listen on %s", (listen) => {
  const parsed = parseConfig(`${MINIMAL}[agent]\nfleet_api_listen = ["${listen}"]\n`, {});
  expect(parsed).toMatchObject({ ok: true, value: { agent: { fleet_api_listen: [listen] } } });
});

test.each([
  "0.0.0.0:49153",
  "[::]:49153",
  "[0:0::0]:1",
  ":49153",
  "localhost:49153",
  "127.0.0.1",
  "127.0.0.1:0",
  "::1:49153",
])("fleet's API is not opened on %s, which names no single address and port", (listen) => {
  expect(parseConfig(`${MINIMAL}[agent]\nfleet_api_listen = ["${listen}"]\n`, {})).toMatchObject({
    ok: false,
    error: {
      code: "INVALID_CONFIG",
      message: expect.stringContaining("agent.fleet_api_listen.0: must be one IP address"),
    },
  });
});

test("the addresses of fleet's API are overridden by a list with commas", () => {
  const parsed = parseConfig(MINIMAL, { QUARTERDECK_AGENT_FLEET_API_LISTEN: "127.0.0.1:1,[::1]:2" });
  expect(parsed).toMatchObject({ ok: true, value: { agent: { fleet_api_listen: ["127.0.0.1:1", "[::1]:2"] } } });
});
