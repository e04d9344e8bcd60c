import { parseConfig } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { parseDataUrl } from "./data-url.ts";
import { etcdMachine } from "./etcd-machine.ts";
import { exampleEtcd, exampleWorker } from "./example-options.ts";
import type { EtcdMachineOptions } from "./options.ts";
import type { IgnitionConfig } from "./spec.ts";
import { workerMachine } from "./worker-machine.ts";

const textAt = (config: IgnitionConfig, path: string): string | null =>
  parseDataUrl(config.storage?.files?.find((file) => file.path === path)?.contents?.source ?? "");
const unitNames = (config: IgnitionConfig): readonly string[] =>
  (config.systemd?.units ?? []).map(({ name }) => name).filter((name) => name.startsWith("quarterdeck-"));
const unitText = (config: IgnitionConfig, name: string): string =>
  config.systemd?.units?.find((unit) => unit.name === name)?.contents ?? "";

const ZINCATI = "/etc/zincati/config.d/55-updates-strategy.toml";

describe("a machine", () => {
  test("runs the daemons of its role and no other", () => {
    expect(unitNames(etcdMachine(exampleEtcd))).toEqual([
      "quarterdeck-etcd.service",
      "quarterdeck-engine.service",
      "quarterdeck-agent.service",
    ]);
    expect(unitNames(etcdMachine({ ...exampleEtcd, schedulable: false }))).toEqual([
      "quarterdeck-etcd.service",
      "quarterdeck-engine.service",
    ]);
    expect(unitNames(workerMachine(exampleWorker))).toEqual(["quarterdeck-agent.service"]);
  });

  test.each([
    ["etcd", etcdMachine(exampleEtcd), "10.78.0.11"],
    ["worker", workerMachine(exampleWorker), "10.78.0.14"],
  ])("of role %s has a quarterdeck.toml that its daemons take", (_role, config, address) => {
    const parsed = parseConfig(textAt(config, "/etc/quarterdeck/quarterdeck.toml") ?? "", {});
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        machine: { address, metadata: { role: "worker" } },
        agent: { fleet_api: true, lease_ttl_seconds: 10 },
        registry: { ca: "/etc/docker/certs.d/registry.lab:5000/ca.crt" },
      },
    });
  });

  test.each([
    ["#deploys", { channel: "#deploys" }],
    ["", { channel: "" }],
    ["ops", {}],
  ])("tells its bot the channel %j", (channel, bot) => {
    const text = textAt(workerMachine({ ...exampleWorker, bot }), "/etc/quarterdeck/quarterdeck.toml") ?? "";
    expect(parseConfig(text, {})).toMatchObject({ ok: true, value: { bot: { channel } } });
    expect(text.includes("[bot]")).toBe("channel" in bot);
  });

  test("refuses a channel that Slack could not have", () => {
    expect(() => workerMachine({ ...exampleWorker, bot: { channel: 'ops"\n[engine]' } })).toThrow(
      "bot.channel: must be a channel's name or id, such as ops or C0123456789",
    );
  });

  test("keeps its journal over reboots, and of it no more than it was told", () => {
    const journalOf = (journal: { maxMiB?: number }) =>
      textAt(workerMachine({ ...exampleWorker, journal }), "/etc/systemd/journald.conf.d/50-quarterdeck.conf");
    expect(journalOf({})).toBe("[Journal]\nStorage=persistent\nSystemMaxUse=1024M\n");
    expect(journalOf({ maxMiB: 64 })).toContain("\nSystemMaxUse=64M\n");
    expect(() => journalOf({ maxMiB: 1 })).toThrow("journal.maxMiB");
  });

  test("answers FleetLock and asks by it where it was told to, and nowhere else", () => {
    const engineOf = (engine: EtcdMachineOptions["engine"]) =>
      parseConfig(textAt(etcdMachine({ ...exampleEtcd, engine }), "/etc/quarterdeck/quarterdeck.toml") ?? "", {});
    const limits = { fleetLock: true, fleetLockSlots: 2, fleetLockOverdueMinutes: 60 };
    expect(engineOf(limits)).toMatchObject({
      value: { engine: { fleet_lock: true, fleet_lock_slots: 2, fleet_lock_overdue_minutes: 60 } },
    });
    expect(engineOf({})).toMatchObject({ value: { engine: { fleet_lock: false } } });
    const asks = (zincati: EtcdMachineOptions["zincati"]) => workerMachine({ ...exampleWorker, zincati });
    expect(textAt(asks({ fleetLockUrl: "https://m1:7444/" }), ZINCATI)).toBe(
      '[identity]\ngroup = "default"\n\n[updates]\nstrategy = "fleet_lock"\n\n[updates.fleet_lock]\nbase_url = "https://m1:7444/"\n',
    );
    const anchors = "/etc/pki/ca-trust/source/anchors/quarterdeck.pem";
    expect(textAt(asks({ fleetLockUrl: "https://m1:7444/" }), anchors)).toBe(exampleWorker.pki.ca);
    expect([textAt(asks(undefined), ZINCATI), textAt(asks(undefined), anchors)]).toEqual([null, null]);
    for (const fleetLockUrl of ["http://m1:7444/", "https://m1:7444", 'https://m1:7444/"\n', "https://m1/"])
      expect(() => asks({ fleetLockUrl })).toThrow("zincati.fleetLockUrl: must be https://<host>:<port>/");
    expect(() => asks({ fleetLockUrl: "https://m1:7444/", group: "a/b" })).toThrow("zincati.group");
  });

  test("leaves its address to the agent's environment where DHCP gives it", () => {
    const text =
      textAt(
        workerMachine({ ...exampleWorker, network: { kind: "dhcp", interface: "e*" } }),
        "/etc/quarterdeck/quarterdeck.toml",
      ) ?? "";
    expect(parseConfig(text, {})).toMatchObject({ ok: false });
    expect(parseConfig(text, { QUARTERDECK_MACHINE_ADDRESS: "10.0.0.7" })).toMatchObject({
      ok: true,
      value: { machine: { address: "10.0.0.7" } },
    });
  });

  test("gets a file for every identity that it is given, and no key of another role", () => {
    const paths = (workerMachine(exampleWorker).storage?.files ?? [])
      .map(({ path }) => path)
      .filter((path) => path.endsWith("-key.pem"));
    expect(paths.toSorted()).toEqual(["api", "bot", "machine"].map((role) => `/etc/quarterdeck/pki/${role}-key.pem`));
  });

  test("gets seed files and Slack tokens only where they are given", () => {
    const { seed: _seed, slack: _slack, ...bare } = exampleEtcd;
    const all = (etcdMachine(bare).storage?.files ?? []).map(({ path }) => path);
    expect(all.filter((path) => path.includes("seed") || path.includes("slack"))).toEqual([]);
    expect(textAt(etcdMachine(exampleEtcd), "/etc/quarterdeck/slack.env")).toBe(
      "SLACK_BOT_TOKEN=xoxb-1\nSLACK_APP_TOKEN=xapp-1\nSLACK_API_URL=http://10.78.0.1:4646/api/\n",
    );
  });

  test("writes brackets around an IPv6 address wherever it becomes part of a URL", () => {
    const config = etcdMachine({ ...exampleEtcd, network: { kind: "static", address: "fd00::11", prefixLength: 64 } });
    expect(unitText(config, "quarterdeck-etcd.service")).toContain("--listen-peer-urls=https://[fd00::11]:2380");
    expect(textAt(config, "/etc/systemd/network/10-quarterdeck.network")).toContain("Address=fd00::11/64\n");
  });

  test.each(["quarterdeck-agent.service", "quarterdeck-engine.service"])(
    "can lose %s without losing another unit or the unit files",
    (name) => {
      const text = unitText(etcdMachine(exampleEtcd), name);
      expect(text).not.toMatch(/^(Requires|Requisite|BindsTo|PartOf|Upholds|PropagatesStopTo|Conflicts|Before)=/m);
      // Ordered after etcd it would wait for a quorum that may never come.
      expect(text).not.toMatch(/^After=.*quarterdeck-etcd/m);
      if (/^RuntimeDirectory=/m.test(text)) expect(text).toMatch(/^RuntimeDirectoryPreserve=yes$/m);
    },
  );
});

describe("options", () => {
  const broken = (change: Readonly<Record<string, unknown>>) =>
    ({ ...exampleEtcd, ...change }) as unknown as EtcdMachineOptions;

  test.each([
    ["hostname", { hostname: "m1\nm2" }],
    ["hostname", { hostname: 'm1"' }],
    ["hostname", { hostname: "../m1" }],
    ["metadata.role", { metadata: { role: 'worker"\n[etcd]' } }],
    ["metadata.a b", { metadata: { "a b": "c" } }],
    ["zone", { zone: "a\nb" }],
    ["version", { version: "../../evil" }],
    ["hosts.0.names.0", { hosts: [{ address: "10.0.0.1", names: ["a b"] }] }],
    ["hosts.0.address", { hosts: [{ address: "10.0.0.1 evil", names: ["a"] }] }],
    ["etcdEndpoints.0", { etcdEndpoints: ["http://10.0.0.1:2379"] }],
    ["network.gateway", { network: { ...exampleEtcd.network, gateway: "10.0.0.1\n[Link]" } }],
    ["network.interface", { network: { ...exampleEtcd.network, interface: "host0\n" } }],
    ["registryCa.host", { registryCa: { ...exampleEtcd.registryCa, host: "../x" } }],
    ["slack.botToken", { slack: { ...exampleEtcd.slack, botToken: "x\nLD_PRELOAD=/x" } }],
    ["slack.apiUrl", { slack: { ...exampleEtcd.slack, apiUrl: "http://x/ y/" } }],
    ["sshAuthorizedKeys.0", { sshAuthorizedKeys: ['command="x" ssh-ed25519 AAAA'] }],
    ["sshAuthorizedKeys.0", { sshAuthorizedKeys: ["ssh-ed25519 AAAA a\nssh-ed25519 BBBB"] }],
    ["member.name", { member: { ...exampleEtcd.member, name: "m1 --force-new-cluster" } }],
    ["member.initialCluster", { member: { ...exampleEtcd.member, name: "m9" } }],
    [
      "member.initialCluster.0.peerUrl",
      { member: { ...exampleEtcd.member, initialCluster: [{ name: "m1", peerUrl: "https://a:1,b=https://c:1" }] } },
    ],
    ["etcd.electionMs", { etcd: { heartbeatMs: 500, electionMs: 1000 } }],
    ["etcd.compactionRetention", { etcd: { compactionRetention: "1h --x" } }],
    ["network.address", { network: { kind: "dhcp" } }],
    ["pki.peerCa", { pki: { ...exampleEtcd.pki, peerCa: undefined } }],
    [
      "pki.identities.engine",
      { pki: { ...exampleEtcd.pki, identities: { ...exampleEtcd.pki.identities, engine: undefined } } },
    ],
    [
      "pki.identities",
      {
        pki: {
          ...exampleEtcd.pki,
          identities: { ...exampleEtcd.pki.identities, root: exampleEtcd.pki.identities.bot },
        },
      },
    ],
    ["pki.ca", { pki: { ...exampleEtcd.pki, ca: exampleEtcd.pki.identities.bot.key } }],
    ["seed.units.0.file", { seed: { ...exampleEtcd.seed, files: {} } }],
    [
      "seed.files.../x.service",
      { seed: { ...exampleEtcd.seed, files: { ...exampleEtcd.seed.files, "../x.service": "" } } },
    ],
  ])("are refused, and the error names %s", (path, change) => {
    expect(() => etcdMachine(broken(change))).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringContaining(`etcd machine: ${path}: `) }),
    );
  });
});
