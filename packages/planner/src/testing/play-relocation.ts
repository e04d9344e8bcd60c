import type { MachineId, Relocation, RelocationId, RequestId, Timestamp } from "@quarterdeck/model";
import type { ClusterView } from "../cluster-view.ts";
import type { MoveWrite } from "../move-units.ts";
import { movedFrom } from "../moved-from.ts";
import { planRelocation, type RelocationPlan } from "../plan-relocation.ts";
import { planSchedule } from "../plan-schedule.ts";
import { actAsAgent, type AgentOptions } from "./act-as-agent.ts";
import { applySteps, newestRevision } from "./apply-steps.ts";
import { at } from "./build-view.ts";

/** As a request leaves it: the machine to drain is cordoned by its caller; without one it is a rebalance. */
export function anOrder(machine: MachineId | null, max: number | null = null): Relocation {
  const kind = machine === null ? "rebalance" : "drain";
  return {
    v: 1,
    id: `${kind}-0000000000000000` as RelocationId,
    kind,
    machine,
    max,
    state: "ordered",
    moves: [],
    reason: { code: "REQUESTED", text: "" },
    request: "request-0001" as RequestId,
    by: "anna",
    startedAt: at(0),
    endedAt: null,
  };
}

/** One pass of the engine, after which every agent that is present has done what it was told. */
export type RelocationPass = {
  readonly before: ClusterView;
  readonly plan: RelocationPlan;
  readonly after: ClusterView;
};

export type RelocationStory = {
  readonly now: Timestamp;
  readonly behaviourOf?: AgentOptions["behaviourOf"];
  readonly onPass?: (pass: RelocationPass) => void;
};

export type RelocationEnd = {
  readonly view: ClusterView;
  readonly relocation: Relocation;
  /** Neither the relocation nor the schedule has anything left to do. */
  readonly isAtRest: boolean;
};

const MOST_PASSES = 400;

/** Relocation, schedule and agents in turn, until nothing is left to do or it has gone on for too long. */
export function playRelocation(
  start: ClusterView,
  order: Relocation,
  { now, behaviourOf, onPass = () => {} }: RelocationStory,
): RelocationEnd {
  let view = start;
  let relocation = order;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const plan: RelocationPlan =
      relocation.state === "ordered" || relocation.state === "running"
        ? planRelocation(relocation, view, now)
        : { relocation, writes: [], wakeAt: null };
    const moved = applyMoves(view, plan.writes);
    onPass({ before: view, plan, after: moved });
    const isSame = plan.relocation === relocation;
    relocation = plan.relocation;
    const { steps } = planSchedule({ ...moved, movedFrom: movedFrom([relocation]) }, now);
    const isAtRest = isSame && steps.length === 0;
    view = actAll(applySteps(moved, steps), { now, ...(behaviourOf === undefined ? {} : { behaviourOf }) });
    if (isAtRest) return { view, relocation, isAtRest };
  }
  return { view, relocation, isAtRest: false };
}

function actAll(view: ClusterView, options: AgentOptions): ClusterView {
  return [...view.machines.values()].reduce(
    (current, { machine, presence }) => (presence.kind === "present" ? actAsAgent(current, machine, options) : current),
    view,
  );
}

/** The view after one transaction with these writes. */
export function applyMoves(view: ClusterView, writes: readonly MoveWrite[]): ClusterView {
  const revision = newestRevision(view) + 1n;
  const isWritten = (machine: MachineId, unit: string): boolean =>
    writes.some((write) => write.machine === machine && write.unit === unit);
  for (const { machine, unit, expects } of writes) {
    const found = view.entries.find((entry) => entry.machine === machine && entry.unit === unit)?.modRevision ?? null;
    if (found !== expects) throw new RangeError(`${machine}/${unit} is at ${found}, not at ${expects}`);
  }
  return {
    ...view,
    entries: [
      ...view.entries.filter(({ machine, unit }) => !isWritten(machine, unit)),
      ...writes.map(({ machine, unit, entry }) => ({ machine, unit, entry, modRevision: revision })),
    ],
  };
}
