import type { EtcdMember } from "@quarterdeck/etcd";
import { keys, put } from "@quarterdeck/etcd";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import {
  because,
  clusterOf,
  entry,
  HELLO,
  M1,
  M2,
  M3,
  machine,
  ROLLOUT,
  rollout,
  service,
  state,
  status,
  unit,
} from "../testing/seed-cluster.ts";
import { deriveStatus } from "./derive-status.ts";

const member = (name: string, healthy = true, leader = false): EtcdMember => ({
  name,
  id: name,
  endpoint: `https://${name}:2379`,
  healthy,
  leader: healthy ? leader : null,
  version: healthy ? "3.6.0" : null,
  databaseBytes: null,
});
const MEMBERS = [member("m1", true, true), member("m2"), member("m3")];
const leader = put(keys.leader("abc"), { v: 1, machine: M1, hostname: "m1", since: "2026-11-24T00:00:00.000Z" });

const AT_REST = { active: "inactive", sub: "dead" } as const;
const REFUSED = { code: "SYSTEMD_REFUSED", message: "a bad unit file" } as const;

const statusOf = async (members: readonly EtcdMember[], ...given: Parameters<typeof clusterOf>) =>
  deriveStatus(
    deriveFacts(await (await clusterOf(...given)).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000))),
    members,
    0.25,
  );

test("a cluster that is well says so, in exactly this form", async () => {
  expect(await statusOf(MEMBERS, leader, machine(M1), unit(HELLO), status(HELLO, "1"), state(M1, HELLO))).toEqual({
    revision: expect.any(Number),
    ageSeconds: 0.25,
    health: "ok",
    etcd: { members: 3, healthy: 3, leader: "m1" },
    engine: { leader: { machine: M1, hostname: "m1" } },
    machines: [{ machine: M1, hostname: "m1", ip: "10.78.0.11", state: "running" }],
    units: { desired: 1, active: 1, failed: 0, unplaced: 0 },
    rollouts: [],
    problems: [],
  });
});

test.each([
  ["a lost machine", MEMBERS, [leader, machine(M1), machine(M2, { lost: true })], "degraded", ["MACHINE_LOST"]],
  [
    "a member of etcd that is away",
    [member("m1", true, true), member("m2"), member("m3", false)],
    [leader, machine(M1)],
    "degraded",
    ["ETCD_MEMBER_DOWN"],
  ],
  [
    "no quorum",
    [member("m1"), member("m2", false), member("m3", false)],
    [leader, machine(M1)],
    "down",
    ["ETCD_NO_QUORUM"],
  ],
  ["no engine", MEMBERS, [machine(M1)], "down", ["NO_ENGINE"]],
  ["no machine", MEMBERS, [leader], "degraded", ["NO_MACHINES"]],
  [
    "a failed unit",
    MEMBERS,
    [leader, machine(M1), unit(HELLO), state(M1, HELLO, { active: "failed", result: "exit-code" })],
    "degraded",
    ["UNIT_FAILED"],
  ],
  [
    "a unit that its agent could not start",
    MEMBERS,
    [leader, machine(M1), unit(HELLO), entry(M1, HELLO, "1"), state(M1, HELLO, { ...AT_REST, problem: REFUSED })],
    "degraded",
    ["UNIT_REFUSED"],
  ],
  [
    "new text that was refused while the old copy runs",
    MEMBERS,
    [leader, machine(M1), unit(HELLO), entry(M1, HELLO, "1"), state(M1, HELLO, { problem: REFUSED })],
    "degraded",
    ["UNIT_REFUSED"],
  ],
  [
    "a check that fails",
    MEMBERS,
    [leader, machine(M1), unit(HELLO), state(M1, HELLO, { health: "failing", healthDetail: "HTTP 500" })],
    "degraded",
    ["UNIT_UNHEALTHY"],
  ],
  [
    "a unit that fits nowhere",
    MEMBERS,
    [
      leader,
      machine(M1),
      unit(HELLO),
      status(HELLO, "1", { phase: "unplaced", machine: null, reason: because("NO_CANDIDATE") }),
    ],
    "degraded",
    ["UNIT_UNPLACED"],
  ],
  [
    "a rollout that failed",
    MEMBERS,
    [
      leader,
      machine(M1),
      // The engine takes the rollout out of the service when it ends.
      service({ release: 1 }),
      rollout({ state: "failed", reason: because("ROLLOUT_UNHEALTHY") }),
    ],
    "degraded",
    ["ROLLOUT_FAILED"],
  ],
] as const)("%s is a problem", async (...row) => {
  const [, members, given, health, codes] = row;
  const found = await statusOf(members, ...given);
  expect(found.health).toBe(health);
  expect(found.problems.map((problem) => problem.code)).toEqual(codes);
});

test("a copy that was refused is failed, named with its machine and its reason, and one that nobody wants is neither", async () => {
  const old = "old.service" as UnitName;
  const found = await statusOf(
    MEMBERS,
    leader,
    machine(M1),
    machine(M2),
    unit(HELLO),
    status(HELLO, "1", { phase: "global", machine: null }),
    entry(M1, HELLO, "1"),
    entry(M2, HELLO, "1"),
    state(M1, HELLO),
    state(M2, HELLO, { ...AT_REST, problem: REFUSED }),
    unit(old, { target: "inactive" }),
    state(M2, old, { ...AT_REST, problem: REFUSED }),
  );
  expect(found.units).toEqual({ desired: 2, active: 1, failed: 1, unplaced: 0 });
  expect(found.problems).toEqual([
    {
      code: "UNIT_REFUSED",
      message: "hello.service on m2: SYSTEMD_REFUSED: a bad unit file; try fleet status hello.service",
    },
  ]);
});

test("a copy that came up after its first start had failed is well", async () => {
  const late = { code: "UNIT_FAILED" as const, message: "its job ended with failed" };
  const found = await statusOf(
    MEMBERS,
    leader,
    machine(M1),
    unit(HELLO),
    entry(M1, HELLO, "1"),
    state(M1, HELLO, { problem: late }),
  );
  expect(found).toMatchObject({ health: "ok", units: { active: 1, failed: 0 } });
});

test("a global unit counts once a machine, and copies on lost machines do not count as active", async () => {
  const found = await statusOf(
    MEMBERS,
    leader,
    machine(M1),
    machine(M2),
    machine(M3, { lost: true }),
    unit(HELLO),
    status(HELLO, "1", { phase: "global", machine: null }),
    entry(M1, HELLO, "1"),
    entry(M2, HELLO, "1"),
    entry(M3, HELLO, "1"),
    state(M1, HELLO),
    state(M2, HELLO, { active: "failed" }),
    state(M3, HELLO),
  );
  expect(found.units).toEqual({ desired: 2, active: 1, failed: 1, unplaced: 0 });
});

test("a rollout under way is listed with how far it is", async () => {
  const found = await statusOf(MEMBERS, leader, machine(M1), service({ release: 1, rollout: ROLLOUT }), rollout());
  expect(found.rollouts).toEqual([
    { rollout: ROLLOUT, service: "web", version: "1.0.0", state: "running", updated: 1, total: 2 },
  ]);
});
