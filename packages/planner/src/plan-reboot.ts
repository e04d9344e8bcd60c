import {
  reason,
  type MachineId,
  type Reason,
  type RebootGroup,
  type RebootHolder,
  type RebootWaiter,
  type Relocation,
  type RelocationId,
  type Timestamp,
} from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import { DRAINING, followReboot, type RebootVerdict } from "./follow-reboot.ts";
import { isPresent } from "./plan-draft.ts";
import { rebootObstacle } from "./reboot-obstacle.ts";
import type { RebootPlan, RebootStep, RebootView } from "./reboot-view.ts";

/**
 * The next step of the reboots that machines have asked for: of each group so many as there are slots are drained, let go, and waited for until
 * they are back and well; then it is the next one's turn. Nobody loses a slot because time passes: a machine that an update broke must keep the
 * others from the same update.
 */
export function planReboot(view: RebootView, now: Timestamp): RebootPlan {
  const wakes: Timestamp[] = [];
  for (const [name, group] of [...view.groups].toSorted(([left], [right]) => compareText(left, right))) {
    const step = stepGroup(view, { name, group, now, wakes });
    if (step !== null) return { step, wakeAt: null };
  }
  return { step: null, wakeAt: wakes.toSorted()[0] ?? null };
}

type Turn = {
  readonly name: string;
  readonly group: RebootGroup;
  readonly now: Timestamp;
  readonly wakes: Timestamp[];
};

function stepGroup(view: RebootView, turn: Turn): RebootStep | null {
  const { group, now, wakes } = turn;
  const told: RebootHolder[] = [];
  for (const holder of group.holders) {
    const verdict = followReboot(view, holder, now);
    if (verdict.kind !== "waits") return stepHolder(turn, holder, verdict);
    if (verdict.wakeAt !== null) wakes.push(verdict.wakeAt);
    told.push(withReason(holder, verdict.reason));
  }
  const queue = group.waiting.toSorted(
    (left, right) => compareText(left.askedAt, right.askedAt) || compareText(left.machine, right.machine),
  );
  const next = queue.find(({ machine }) => isPresent(view.cluster.machines.get(machine)));
  const isFull = group.holders.length >= view.slots;
  const obstacle = next === undefined || isFull ? null : rebootObstacle(view, next.machine, now);
  if (next !== undefined && !isFull && obstacle === null) return takeSlot(view, turn, next);
  const waiting = queue.map((waiter) => {
    if (waiter !== next || isFull) return withReason(waiter, whoIsBefore(view, turn, { waiter, next, isFull }));
    return obstacle === null ? waiter : withReason(waiter, obstacle);
  });
  const after: RebootGroup = { ...group, holders: told, waiting };
  if (JSON.stringify(after) === JSON.stringify(group)) return null;
  const why = reason("REBOOT_SLOT_HELD", "what is waited for has changed");
  return { kind: "say", group: turn.name, after, machine: null, cordoned: null, relocation: null, reason: why };
}

function stepHolder(
  { name, group, now }: Turn,
  holder: RebootHolder,
  verdict: Exclude<RebootVerdict, { kind: "waits" }>,
): RebootStep {
  const step = { group: name, machine: holder.machine, reason: verdict.reason };
  const replaced = (changed: RebootHolder): RebootGroup => ({
    ...group,
    holders: group.holders.map((other) => (other === holder ? changed : other)),
  });
  switch (verdict.kind) {
    case "release": {
      const after = { ...group, holders: group.holders.filter((other) => other !== holder) };
      return { ...step, kind: "release", after, cordoned: holder.wasCordoned ? null : false, relocation: null };
    }
    case "drain": {
      const relocation = orderDrain(holder, now);
      const after = replaced({ ...holder, relocation: relocation.id, reason: verdict.reason });
      return { ...step, kind: "drain", after, cordoned: true, relocation };
    }
    case "grant": {
      const { reason: why, well } = verdict;
      const after = replaced({ ...holder, phase: "rebooting", since: now, well: [...well], reason: why });
      return { ...step, kind: "grant", after, cordoned: null, relocation: null };
    }
  }
}

function takeSlot(view: RebootView, { name, group, now }: Turn, waiter: RebootWaiter): RebootStep {
  const relocation = orderDrain(waiter, now);
  const holder: RebootHolder = {
    ...waiter,
    phase: "draining",
    since: now,
    relocation: relocation.id,
    wasCordoned: view.cluster.machines.get(waiter.machine)?.cordoned ?? false,
    well: [],
    steadyAt: null,
    reason: DRAINING,
  };
  const after: RebootGroup = {
    ...group,
    holders: [...group.holders, holder],
    waiting: group.waiting.filter((other) => other !== waiter),
  };
  return { kind: "take", group: name, after, machine: waiter.machine, cordoned: true, relocation, reason: DRAINING };
}

/** A drain as a person's request would leave it. Its id is of its machine and its time: a machine has one at a time. */
function orderDrain({ machine, request }: Pick<RebootWaiter, "machine" | "request">, now: Timestamp): Relocation {
  const digits = `${Date.parse(now).toString(16).padStart(12, "0")}${machine.slice(-4)}`;
  return {
    v: 1,
    id: `drain-${digits}` as RelocationId,
    kind: "drain",
    machine,
    max: null,
    state: "ordered",
    moves: [],
    reason: reason("REQUESTED", "its moves are being planned"),
    request,
    by: `machine:${machine}`,
    startedAt: now,
    endedAt: null,
  };
}

function whoIsBefore(
  view: RebootView,
  { group }: Turn,
  {
    waiter,
    next,
    isFull,
  }: { readonly waiter: RebootWaiter; readonly next: RebootWaiter | undefined; readonly isFull: boolean },
): Reason {
  const nameOf = (machine: MachineId): string => view.cluster.machines.get(machine)?.hostname ?? machine;
  if (isFull) {
    const names = group.holders.map(({ machine }) => nameOf(machine)).join(", ");
    return reason("REBOOT_SLOT_HELD", `it is the turn of ${names}`);
  }
  if (!isPresent(view.cluster.machines.get(waiter.machine))) return reason("MACHINE_MISSING", "it is not there");
  return reason("REBOOT_SLOT_HELD", `${nameOf((next ?? waiter).machine)} asked first`);
}

/** The very object where the reason is as it was. */
function withReason<Asker extends RebootWaiter>(asker: Asker, why: Reason): Asker {
  return asker.reason.code === why.code && asker.reason.text === why.text ? asker : { ...asker, reason: why };
}
