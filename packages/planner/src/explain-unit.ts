import type {
  MachineId,
  Reason,
  ScheduleTarget,
  UnitName,
  UnitState,
  UnitStatus,
  UnitTarget,
} from "@quarterdeck/model";
import { compareText, indexView } from "./cluster-index.ts";
import type { ClusterView } from "./cluster-view.ts";
import { judgeMachine } from "./judge-machine.ts";
import { createOccupancy } from "./occupancy.ts";
import { occupantOf } from "./occupant-of.ts";
import { isWanted } from "./plan-draft.ts";
import { orderReplacements } from "./replacement-order.ts";
import { createSpreadTally } from "./spread-tally.ts";
import { isLive } from "./wanted-entry.ts";

/** Why a unit is where it is, or nowhere. */
export type Explanation = {
  readonly unit: UnitName;
  /** `null` when no such unit is known; copies of it may still be there. */
  readonly target: UnitTarget | null;
  readonly global: boolean;
  /** What the engine wrote down last. */
  readonly status: UnitStatus | null;
  /** Every copy that is scheduled or reported, by machine. */
  readonly copies: readonly CopyFacts[];
  /** What each machine says to the unit now, by id; `null` is a yes. Copies of the unit itself are not in its way. */
  readonly verdicts: readonly {
    readonly machine: MachineId;
    readonly hostname: string;
    readonly refusal: Reason | null;
  }[];
};

export type CopyFacts = {
  readonly machine: MachineId;
  readonly hostname: string;
  /** Whether the machine answers; its state is old news otherwise. */
  readonly present: boolean;
  /** What it is to do with the unit and why; `null` for an orphan: it runs there, and no entry names it. */
  readonly entry: { readonly target: ScheduleTarget; readonly reason: Reason } | null;
  readonly state: UnitState | null;
};

export function explainUnit(view: ClusterView, name: UnitName): Explanation {
  const index = indexView(view);
  const unit = view.units.get(name);
  const entries = index.entriesOf.get(name) ?? [];
  const states = view.states.filter((state) => state.unit === name);
  const machines = [...new Set([...entries, ...states].map(({ machine }) => machine))].toSorted(compareText);
  return {
    unit: name,
    target: unit?.unit.target ?? null,
    global: unit?.options.global ?? false,
    status: view.statuses.get(name) ?? null,
    copies: machines.map((machine) => {
      const entry = entries.find((candidate) => candidate.machine === machine)?.entry;
      return {
        machine,
        hostname: index.nameOf(machine),
        present: view.machines.get(machine)?.presence.kind === "present",
        entry: entry === undefined ? null : { target: entry.target, reason: entry.reason },
        state: states.find((candidate) => candidate.machine === machine)?.state ?? null,
      };
    }),
    verdicts: unit === undefined ? [] : judgeAll(view, name),
  };
}

function judgeAll(view: ClusterView, name: UnitName): Explanation["verdicts"] {
  const index = indexView(view);
  const occupancy = createOccupancy({
    machines: view.machines,
    units: view.units,
    replacements: orderReplacements(index.units.filter(isWanted)),
    tally: createSpreadTally(view),
  });
  const located = new Map<UnitName, MachineId>();
  for (const at of view.entries) {
    const kind = occupantOf(view, index, at);
    if (kind !== null) occupancy.add(at.machine, at.unit, kind);
    if (isLive(at.entry)) located.set(at.unit, at.machine);
  }
  const around = {
    occupancy,
    locate: (target: UnitName) => located.get(target) ?? null,
    nameOf: (machine: MachineId) => index.nameOf(machine),
  };
  const unit = view.units.get(name);
  if (unit === undefined) return [];
  return index.machines.map((machine) => ({
    machine: machine.machine,
    hostname: machine.hostname,
    refusal: judgeMachine(unit, machine, around)?.reason ?? null,
  }));
}
