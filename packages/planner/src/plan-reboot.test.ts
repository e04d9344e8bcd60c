import type { Relocation, RelocationId, Rollout } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { UnitView } from "./cluster-view.ts";
import { aMachine, at, aUnit, aView, machineId } from "./testing/build-view.ts";
import { anOrder } from "./testing/play-relocation.ts";
import { OVERDUE_SECONDS, RebootWorld } from "./testing/reboot-world.ts";

const [M1, M2, M3] = [machineId(1), machineId(2), machineId(3)];

/** Three machines at rest, with these units. */
function world(...units: readonly UnitView[]): RebootWorld {
  const made = new RebootWorld(aView([aMachine(1), aMachine(2), aMachine(3)], units));
  made.rest();
  return made;
}

const liveOn = ({ view }: RebootWorld, machine: string): readonly string[] =>
  view.entries
    .filter(({ entry, machine: where }) => where === machine && entry.target.kind === "launched")
    .map(({ unit }) => unit);

test("fleet #1232: a machine that asks is cordoned, emptied of what can move, and only then let go", () => {
  const given = world(aUnit("a.service"), aUnit("b.service"), aUnit("c.service"));
  expect(liveOn(given, M1)).toHaveLength(1);
  given.ask(M1);
  expect(given.pass()).toMatchObject({ kind: "take", machine: M1, cordoned: true, relocation: { kind: "drain" } });
  expect(given.holder()).toMatchObject({ phase: "draining", reason: { code: "REBOOT_DRAINING" } });
  expect(given.pass()).toBeNull();
  given.rest();
  expect(given.steps.map(({ kind }) => kind)).toEqual(["take", "grant"]);
  expect(given.holder()).toMatchObject({ machine: M1, phase: "rebooting", reason: { code: "REBOOT_GRANTED" } });
  expect(liveOn(given, M1)).toEqual([]);
});

test("what can go nowhere else stays, stops with the machine, and has to do well again before the slot is free", () => {
  const given = world(
    aUnit("pinned.service", { options: { machineId: M1 } }),
    aUnit("g.service", { options: { global: true } }),
  );
  given.ask(M1);
  given.rest();
  expect(given.holder()).toMatchObject({ phase: "rebooting", well: ["g.service", "pinned.service"] });
  given.leave(M1);
  given.steady(M1);
  given.rest();
  expect(given.holder()?.reason).toMatchObject({ code: "REBOOT_NOT_STEADY", text: "it is not back" });
  given.behaviourOf = () => "sick";
  given.boot(M1);
  given.rest();
  expect(given.holder()?.reason.text).toContain("did well there before and does not yet again");
  given.behaviourOf = () => "well";
  given.leave(M1);
  given.boot(M1);
  given.rest();
  expect(given.group()).toMatchObject({ holders: [], waiting: [] });
  expect(given.view.machines.get(M1)?.cordoned).toBe(false);
});

test("what was reported before the boot does not count as doing well after it", () => {
  const given = world(aUnit("pinned.service", { options: { machineId: M1 } }));
  given.ask(M1);
  given.rest();
  given.steady(M1);
  const view = given.rebootView();
  given.rebootView = () => ({ ...view, groups: given.groups, bootIds: new Map([[M1, "boot-1"]]) });
  given.pass();
  expect(given.holder()?.reason.code).toBe("REBOOT_NOT_STEADY");
});

test("a machine that a person had cordoned stays cordoned", () => {
  const given = world();
  given.change(M1, { cordoned: true });
  given.ask(M1);
  given.rest();
  given.leave(M1);
  given.boot(M1);
  given.steady(M1);
  given.rest();
  expect(given.steps.at(-1)).toMatchObject({ kind: "release", cordoned: null });
  expect(given.view.machines.get(M1)?.cordoned).toBe(true);
});

test("who asked first comes first, of two at one instant the smaller id; the others are told whose turn it is", () => {
  const given = world();
  given.ask(M3);
  given.ask(M2);
  given.seconds = 1;
  given.ask(M1);
  given.rest();
  expect(given.holder()?.machine).toBe(M2);
  expect(given.group().waiting.map(({ machine, reason }) => [machine, reason.text])).toEqual([
    [M3, "it is the turn of m2"],
    [M1, "it is the turn of m2"],
  ]);
});

const silent = { kind: "silent", since: at(0), graceOver: true, declaredLost: true } as const;
const rollout = { id: "web-1-00000000", state: "running" } as Rollout;
const running: Relocation = { ...anOrder(null), id: "rebalance-0000000000000001" as RelocationId, state: "running" };

test.each<[string, string, (given: RebootWorld) => void]>([
  [
    "the engine cannot tell who is there",
    "STALE_MIRROR",
    (given) => void (given.view = { ...given.view, mayActOnLosses: false }),
  ],
  ["a machine is lost", "MACHINE_MISSING", (given) => given.change(M3, { presence: silent })],
  ["a machine is silent", "MACHINE_MISSING", (given) => given.leave(M3)],
  ["a rollout is under way", "ROLLOUT_RUNNING", (given) => void (given.rollouts = [rollout])],
  ["something else is relocated", "RELOCATION_RUNNING", (given) => void given.relocations.set(running.id, running)],
  [
    "a member of etcd does badly",
    "QUORUM_AT_RISK",
    (given) => void (given.etcd = { ...given.etcd, unhealthy: ["m3"] }),
  ],
])("fleet #1232: nothing begins while %s: %s", (_, code, happens) => {
  const given = world();
  happens(given);
  given.ask(M1);
  expect(given.pass()).toMatchObject({ kind: "say" });
  expect(given.group().waiting[0]?.reason.code).toBe(code);
  expect(given.pass()).toBeNull();
});

test("fleet #1232: nothing begins while the brake is on, and the brake's own reason is told", () => {
  const lost = { ...silent, declaredLost: false };
  const given = new RebootWorld(
    aView([aMachine(1), aMachine(2, { zone: "z2", presence: lost }), aMachine(3, { zone: "z3", presence: lost })]),
  );
  given.ask(M1);
  given.pass();
  expect(given.group().waiting[0]?.reason.code).toBe("BRAKED");
});

test("what comes up while the machine is drained holds the reboot back, until it is over", () => {
  const given = world(aUnit("a.service"));
  given.ask(M1);
  given.pass();
  given.leave(M3);
  given.seconds = 60;
  given.rest();
  expect(given.holder()).toMatchObject({ phase: "draining", reason: { code: "MACHINE_MISSING" } });
  given.boot(M3);
  given.rest();
  expect(given.holder()?.phase).toBe("rebooting");
});

test("a machine that is lost and cordoned is gone for good, and keeps nobody waiting", () => {
  const given = world();
  given.change(M3, { presence: silent, cordoned: true });
  given.ask(M1);
  given.rest();
  expect(given.holder()?.phase).toBe("rebooting");
});

test("fleet #1232: of the machines that etcd lives on only one is away at a time, whatever their groups", () => {
  const given = world();
  given.etcd = { machines: new Set([M1, M2]), unhealthy: [] };
  given.ask(M1, "etcd");
  given.rest();
  expect(given.holder("etcd")?.phase).toBe("rebooting");
  given.ask(M2, "other");
  given.ask(M3, "workers");
  given.rest();
  expect(given.group("other")).toMatchObject({ holders: [], waiting: [{ reason: { code: "QUORUM_AT_RISK" } }] });
  expect(given.holder("workers")?.phase).toBe("rebooting");
});

test("fleet #1232: a machine that does not come back keeps its slot, and that is said once", () => {
  const given = world();
  given.ask(M1);
  given.rest();
  given.leave(M1, true);
  given.ask(M2);
  given.seconds = OVERDUE_SECONDS;
  given.rest();
  expect(given.holder()).toMatchObject({ machine: M1, phase: "rebooting", reason: { code: "REBOOT_OVERDUE" } });
  given.seconds = 100 * OVERDUE_SECONDS;
  expect(given.pass()).toBeNull();
  given.ask(M3, "other");
  given.rest();
  expect(given.group("other").waiting[0]?.reason.code).toBe("MACHINE_MISSING");
});

test("a drain that failed is tried again after ten minutes", () => {
  const given = world(aUnit("a.service"));
  const [machine] = given.view.entries.map((entry) => entry.machine);
  if (machine === undefined) throw new RangeError("a.service is nowhere");
  given.ask(machine);
  given.behaviourOf = () => "failed";
  given.rest();
  expect(given.holder()).toMatchObject({ phase: "draining", reason: { code: "REBOOT_DRAINING" } });
  expect(given.holder()?.reason.text).toContain("its drain failed");
  given.behaviourOf = () => "well";
  given.seconds = 600;
  given.rest();
  expect(given.steps.map(({ kind }) => kind)).toEqual(["take", "say", "drain", "grant"]);
});

test("a person who uncordons a machine while it is drained takes its slot away", () => {
  const given = world(aUnit("a.service"));
  given.ask(M1);
  given.pass();
  given.change(M1, { cordoned: false });
  expect(given.pass()).toMatchObject({
    kind: "release",
    reason: { text: "a person uncordoned it while it was drained" },
  });
});

test("a machine that no longer wants to reboot is uncordoned at once", () => {
  const given = world(aUnit("a.service"));
  given.ask(M1);
  given.pass();
  given.steady(M1);
  expect(given.pass()).toMatchObject({ kind: "release", cordoned: false });
});

test("the one that waits and is not there is passed over", () => {
  const given = world();
  given.ask(M1);
  given.change(M1, { presence: silent, cordoned: true });
  given.seconds = 1;
  given.ask(M2);
  given.rest();
  expect(given.holder()?.machine).toBe(M2);
  expect(given.group().waiting).toMatchObject([{ machine: M1 }]);
});
