import { fc, test } from "@fast-check/vitest";
import type { UnitName } from "@quarterdeck/model";
import { expect, vi } from "vitest";
import { isConfirmed, type ConfirmedSchedule } from "./fence-tenure.ts";
import { fenceTimes, type FenceTimes } from "./fence-times.ts";

const RUNS = 300;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const UNIT = "only.service" as UnitName;
const TTL_SECONDS = 10;
const TICK_MS = 100;
const MACHINES = [0, 1] as const;

type Target = "launched" | "absentAfter" | "absent";
type Entry = { readonly target: Target; readonly revision: bigint };
type Message = { readonly sentMs: number; readonly arrivesMs: number; readonly back: boolean };

/** One machine: its agent, its fence, and the one copy that it may run. */
type Machine = {
  cut: boolean;
  agent: boolean;
  /** Since when presence has been on its lease, as etcd has it. */
  leaseEndsMs: number | null;
  entry: Entry | null;
  /** What the agent sees of its entry, and from when on it sees the next. */
  seen: Entry | null;
  /** By the agent's own clock; `null` without a lease. */
  believedUntilMs: number | null;
  confirmed: ConfirmedSchedule | null;
  askAtMs: number;
  messages: Message[];
  deadlineMs: number;
  copy: "none" | "running" | { readonly stopsAtMs: number };
};

type Fault = { readonly at: number; readonly machine: 0 | 1; readonly kind: "cut" | "heal" | "kill" | "start" };
type History = {
  readonly faults: readonly Fault[];
  /** Of messages, and of what the agent sees of its schedule; taken in turn. */
  readonly delaysMs: readonly number[];
  /** How long the copy takes to stop, in parts of what it may. */
  readonly stops: readonly number[];
};

const someHistory: fc.Arbitrary<History> = fc.record({
  faults: fc.array(
    fc.record({
      at: fc.nat({ max: 600 }),
      machine: fc.constantFrom(...MACHINES),
      kind: fc.constantFrom("cut", "heal", "kill", "start"),
    }),
    { maxLength: 14 },
  ),
  delaysMs: fc.array(fc.nat({ max: 4000 }), { minLength: 1, maxLength: 12 }),
  stops: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
});

/** An engine that gives the unit away the moment that presence is gone: its grace is a margin that must not be needed. */
function mostCopies(
  { faults, delaysMs, stops }: History,
  { holdMs, stopMs }: FenceTimes,
): { copies: number; starts: number } {
  let nowMs = 0;
  let revision = 1n;
  let turn = 0;
  let copies = 0;
  let starts = 0;
  const next = <Value>(values: readonly Value[]): Value => values[turn++ % values.length] as Value;
  const machines = MACHINES.map((): Machine => ({
    cut: false,
    agent: true,
    leaseEndsMs: null,
    entry: null,
    seen: null,
    believedUntilMs: null,
    confirmed: null,
    askAtMs: 0,
    messages: [],
    deadlineMs: 0,
    copy: "none",
  }));
  const put = (machine: Machine, target: Target | null): void => {
    revision += 1n;
    machine.entry = target === null ? null : { target, revision };
  };

  const deliver = (machine: Machine): void => {
    const due = machine.messages.filter(({ arrivesMs }) => arrivesMs <= nowMs);
    machine.messages = machine.messages.filter(({ arrivesMs }) => arrivesMs > nowMs);
    for (const { sentMs, back } of machine.cut ? [] : due) {
      if (!back && machine.leaseEndsMs !== null) {
        machine.leaseEndsMs = nowMs + TTL_SECONDS * 1000;
        machine.messages.push({ sentMs, arrivesMs: nowMs + next(delaysMs), back: true });
      } else if (back && machine.agent && machine.believedUntilMs !== null) {
        machine.deadlineMs = Math.max(machine.deadlineMs, sentMs + holdMs);
        machine.believedUntilMs = Math.max(machine.believedUntilMs, sentMs + TTL_SECONDS * 1000 - 1000);
      }
    }
  };

  const act = (machine: Machine): void => {
    if (!machine.agent) return;
    if (machine.believedUntilMs !== null && nowMs >= machine.believedUntilMs) {
      machine.believedUntilMs = null;
      machine.confirmed = null;
      machine.deadlineMs = 0;
    }
    if (machine.cut) return;
    if (machine.believedUntilMs === null) {
      // The fence of the lease before comes down, then the machine is present on the new one, and asks what its entry is.
      machine.deadlineMs = 0;
      if (machine.copy !== "none") return;
      machine.leaseEndsMs = nowMs + TTL_SECONDS * 1000;
      machine.believedUntilMs = machine.leaseEndsMs - 1000;
      machine.deadlineMs = nowMs + holdMs;
      machine.messages = [];
      revision += 1n;
      const { entry } = machine;
      machine.confirmed = { revision, entries: new Map(entry === null ? [] : [[UNIT, entry.revision]]) };
    }
    if (nowMs >= machine.askAtMs) {
      machine.askAtMs = nowMs + (TTL_SECONDS * 1000) / 3;
      machine.messages.push({ sentMs: nowMs, arrivesMs: nowMs + next(delaysMs), back: false });
    }
    if (next(delaysMs) < 1000) machine.seen = machine.entry;
    const { seen, confirmed } = machine;
    if (seen?.target === "launched" && machine.copy === "none" && confirmed !== null) {
      if (isConfirmed(confirmed, UNIT, String(seen.revision)) && nowMs < machine.deadlineMs) {
        machine.copy = "running";
        starts += 1;
      }
    } else if (seen !== null && seen.target !== "launched" && machine.copy === "running") {
      machine.copy = { stopsAtMs: nowMs + next(stops) * stopMs };
    } else if (seen?.target === "absent" && seen === machine.entry && machine.copy === "none") {
      put(machine, null);
    }
  };

  const fence = (machine: Machine): void => {
    if (machine.copy === "running" && nowMs >= machine.deadlineMs)
      machine.copy = { stopsAtMs: nowMs + next(stops) * (stopMs - TICK_MS) };
    if (typeof machine.copy === "object" && nowMs >= machine.copy.stopsAtMs) machine.copy = "none";
  };

  const plan = (): void => {
    for (const machine of machines)
      if (machine.leaseEndsMs !== null && nowMs >= machine.leaseEndsMs) machine.leaseEndsMs = null;
    for (const machine of machines)
      if (machine.entry?.target === "absentAfter" && machine.leaseEndsMs !== null) put(machine, "absent");
    const holder = machines.find(({ entry }) => entry?.target === "launched");
    if (holder !== undefined && holder.leaseEndsMs !== null) return;
    const heir = machines.find(({ entry, leaseEndsMs }) => entry === null && leaseEndsMs !== null);
    if (heir === undefined) return;
    if (holder !== undefined) put(holder, "absentAfter");
    put(heir, "launched");
  };

  for (let tick = 0; tick <= 700; tick += 1, nowMs += TICK_MS) {
    for (const { machine: index, kind } of faults.filter(({ at }) => at === tick)) {
      const machine = machines[index] as Machine;
      if (kind === "cut" || kind === "heal") machine.cut = kind === "cut";
      // The next agent resumes nothing here: the harder case.
      else if (kind === "start" && !machine.agent) machine.agent = true;
      else if (kind === "kill")
        Object.assign(machine, { agent: false, believedUntilMs: null, confirmed: null, seen: null });
    }
    for (const machine of machines) deliver(machine);
    for (const machine of machines) fence(machine);
    plan();
    for (const machine of machines) act(machine);
    copies = Math.max(copies, machines.filter(({ copy }) => copy !== "none").length);
  }
  return { copies, starts };
}

test("property: there are never two copies of a singleton, whatever is cut off, killed, delayed or seen late", () => {
  fc.assert(
    fc.property(someHistory, (history) => {
      expect(mostCopies(history, fenceTimes(TTL_SECONDS)).copies).toBeLessThanOrEqual(1);
    }),
    { numRuns: RUNS },
  );
});

test("a fence that held for the whole lease would let two copies run, and the copies of the histories do move", () => {
  const history: History = {
    faults: [{ at: 50, machine: 0, kind: "cut" }],
    delaysMs: [0],
    stops: [1],
  };
  expect(mostCopies(history, fenceTimes(TTL_SECONDS))).toEqual({ copies: 1, starts: 2 });
  expect(mostCopies(history, { holdMs: TTL_SECONDS * 1000, stopMs: 3000 }).copies).toBe(2);
});
