import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { fakeMember } from "../testing/fake-member.ts";
import type { MemberHealth } from "./member-health.ts";
import { planMaintenance, type MaintenanceRules, type MaintenanceView } from "./plan-maintenance.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const MIB = 1024 ** 2;
const HOUR = 3_600_000;
const RULES: MaintenanceRules = { keepMs: HOUR, wasteBytes: 64 * MIB };
const member = (name: string, more: Partial<MemberHealth> = {}): MemberHealth =>
  fakeMember({ name, endpoint: `http://${name}:2379`, leader: false, databaseBytes: MIB, inUseBytes: MIB, ...more });
const WASTEFUL = { databaseBytes: 200 * MIB, inUseBytes: 100 * MIB };
const FULL = { ...WASTEFUL, healthy: false, alarms: ["NOSPACE"], quotaBytes: 256 * MIB } as const;

const viewOf = (members: readonly MemberHealth[], more: Partial<MaintenanceView> = {}): MaintenanceView => ({
  now: 10 * HOUR,
  revision: 500n,
  compacted: 0n,
  members,
  endpoints: new Set(members.map(({ endpoint }) => endpoint)),
  marks: [],
  defragmented: new Set(),
  ...more,
});

test("history is compacted to the newest revision that is an hour old, and not twice", () => {
  const marks = [
    { revision: 100n, at: 8 * HOUR },
    { revision: 200n, at: 9 * HOUR },
    { revision: 300n, at: 9.5 * HOUR },
  ];
  const { step } = planMaintenance(viewOf([member("m1")], { marks }), RULES);
  expect(step).toMatchObject({ kind: "compact", revision: 200n });
  expect(planMaintenance(viewOf([member("m1")], { marks, compacted: 200n }), RULES).step).toBeNull();
});

test("a database that was seen for less than an hour keeps its history", () => {
  const marks = [{ revision: 100n, at: 9.5 * HOUR }];
  expect(planMaintenance(viewOf([member("m1")], { marks }), RULES)).toEqual({ step: null, refused: null });
});

test("members that waste space are defragmented one after another, the leader last", () => {
  const members = [member("m1", { ...WASTEFUL, leader: true }), member("m2", WASTEFUL), member("m3")];
  const first = planMaintenance(viewOf(members), RULES).step;
  expect(first).toMatchObject({ kind: "defragment", endpoint: "http://m2:2379", reason: "100.0 MiB hold nothing" });
  const second = planMaintenance(viewOf(members, { defragmented: new Set(["http://m2:2379"]) }), RULES).step;
  expect(second).toMatchObject({ kind: "defragment", endpoint: "http://m1:2379" });
  const all = new Set(["http://m1:2379", "http://m2:2379"]);
  expect(planMaintenance(viewOf(members, { defragmented: all }), RULES).step).toBeNull();
});

test("nobody is defragmented while a member is unwell, or out of reach of ours", () => {
  const down = member("m3", { healthy: false, hasLeader: null });
  const { step, refused } = planMaintenance(viewOf([member("m1", WASTEFUL), down]), RULES);
  expect([step, refused]).toEqual([null, expect.stringContaining("http://m3:2379")]);
  const elsewhere = viewOf([member("m1", WASTEFUL)], { endpoints: new Set() });
  expect(planMaintenance(elsewhere, RULES).refused).toContain("m1");
});

test("a full database loses all history, then every member is defragmented, then the alarm is taken back", () => {
  const members = [member("m1", FULL), member("m2", { ...FULL, leader: true })];
  expect(planMaintenance(viewOf(members), RULES).step).toMatchObject({ kind: "compact", revision: 500n });
  const compacted = viewOf(members, { compacted: 500n });
  expect(planMaintenance(compacted, RULES).step).toMatchObject({ kind: "defragment", endpoint: "http://m1:2379" });
  const done = { ...compacted, defragmented: new Set(["http://m1:2379", "http://m2:2379"]) };
  expect(planMaintenance(done, RULES).step).toMatchObject({ kind: "disarm", alarm: "NOSPACE" });
});

test("an alarm stays where the data itself fills the quota", () => {
  const members = [member("m1", { ...FULL, databaseBytes: 250 * MIB, inUseBytes: 250 * MIB })];
  const view = viewOf(members, { compacted: 500n, defragmented: new Set(["http://m1:2379"]) });
  expect(planMaintenance(view, RULES)).toEqual({ step: null, refused: expect.stringContaining("still full") });
});

test("members that differ are left as they are", () => {
  const view = viewOf([member("m1", { ...FULL, alarms: ["NOSPACE", "CORRUPT"] })]);
  expect(planMaintenance(view, RULES)).toEqual({ step: null, refused: expect.stringContaining("CORRUPT") });
});

test("a pass ends, defragments each member at most once, never with another one unwell, and the leader after all others", () => {
  const arbitrary = fc.record({
    waste: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    leader: fc.nat(4),
    full: fc.boolean(),
    unwellAfter: fc.option(fc.nat(5)),
  });
  fc.assert(
    fc.property(arbitrary, ({ waste, leader, full, unwellAfter }) => {
      const defragmented: string[] = [];
      let compacted = 0n;
      let steps = 0;
      for (; steps < 20; steps += 1) {
        const unwell = unwellAfter !== null && defragmented.length >= unwellAfter;
        const members = waste.map((wasteful, at) =>
          member(`m${at}`, {
            ...(full ? FULL : wasteful ? WASTEFUL : {}),
            leader: at === leader,
            ...(unwell && at === 0 ? { healthy: false, hasLeader: false } : {}),
          }),
        );
        const { step } = planMaintenance(viewOf(members, { compacted, defragmented: new Set(defragmented) }), RULES);
        if (step === null || step.kind === "disarm") break;
        if (step.kind === "compact") compacted = step.revision;
        else {
          expect(unwell).toBe(false);
          defragmented.push(step.endpoint);
        }
      }
      expect(steps).toBeLessThan(20);
      expect(new Set(defragmented).size).toBe(defragmented.length);
      const at = defragmented.indexOf(`http://m${leader}:2379`);
      expect(at === -1 || at === defragmented.length - 1).toBe(true);
    }),
  );
});
