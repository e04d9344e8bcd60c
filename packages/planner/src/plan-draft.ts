import type { MachineId, Reason, Timestamp, UnitName, UnitStatus } from "@quarterdeck/model";
import type { Losses } from "./assess-losses.ts";
import type { Candidates } from "./candidates.ts";
import type { ChooseMachine } from "./choose-machine.ts";
import type { ClusterIndex } from "./cluster-index.ts";
import type { ClusterView, EntryView, MachineView, UnitView } from "./cluster-view.ts";
import type { UnitGroup } from "./group-units.ts";
import type { Occupancy } from "./occupancy.ts";
import type { ReplacementOrder } from "./replacement-order.ts";
import type { Hold, ScheduleStep } from "./schedule-step.ts";
import type { SpreadTally } from "./spread-tally.ts";

/** What a unit's status is to say when the plan is carried out. */
export type Standing = Pick<UnitStatus, "phase" | "machine" | "reason" | "refusals">;

/** What of a unit's status outlives its place. */
export type Memory = Pick<UnitStatus, "failures" | "outcome">;

/** A step before its status and group are known. */
export type DraftStep = ScheduleStep extends infer Kind
  ? Kind extends ScheduleStep
    ? Omit<Kind, "status" | "group">
    : never
  : never;

/** A plan in the making: what is given, and what the phases have decided so far. */
export type PlanDraft = {
  readonly view: ClusterView;
  readonly index: ClusterIndex;
  readonly now: Timestamp;
  readonly losses: Losses;
  /** Of units that are to be on a machine, Global ones aside. */
  readonly groups: readonly UnitGroup[];
  readonly replacements: ReplacementOrder;
  readonly occupancy: Occupancy;
  readonly tally: SpreadTally;
  readonly candidates: Candidates;
  readonly choose: ChooseMachine;
  readonly steps: DraftStep[];
  readonly holds: Hold[];
  /** Where each unit that is not Global is and stays, or is about to be; machines that are only silent count. */
  readonly located: Map<UnitName, MachineId>;
  /** Live entries on machines that are lost; their units look for another place. */
  readonly lostEntries: Map<UnitName, EntryView>;
  /** Units with a copy that must be gone before another may start. */
  readonly stopping: Set<UnitName>;
  readonly standings: Map<UnitName, Standing>;
  /** Only what is to be remembered anew; what a status holds already stays in it. */
  readonly memories: Map<UnitName, Memory>;
  /** When something that is held back will be due. */
  readonly wakes: Timestamp[];
};

export function isWanted(unit: UnitView | undefined): unit is UnitView {
  return unit !== undefined && unit.unit.target !== "inactive";
}

export function isPresent(machine: MachineView | undefined): machine is MachineView {
  return machine?.presence.kind === "present";
}

/** Machines that count as lost for a unit. The brake is for what people run, not for what tells them of it: `System=true` is exempt. */
export function machinesLostTo({ losses }: PlanDraft, unit: UnitView | undefined): ReadonlySet<MachineId> {
  return unit?.options.system === true ? losses.overdue : losses.lost;
}

export function placedStanding(machine: MachineId, reason: Reason): Standing {
  return { phase: "placed", machine, reason, refusals: [] };
}
