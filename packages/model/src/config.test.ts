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
      engine: { port: 7444, grace_seconds: 1 },
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
