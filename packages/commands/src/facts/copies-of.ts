import type { Revision } from "@quarterdeck/etcd";
import type { MachineId, ScheduleEntry, UnitName, UnitState } from "@quarterdeck/model";
import type { Facts, MachineFacts } from "./facts.ts";

/** A unit on one machine: what it is to do there, and what its agent last said. At least one of `entry` and `state` is there. */
export type Copy = {
  readonly machine: MachineId;
  /** `null` when nothing is known of the machine any more. */
  readonly at: MachineFacts | null;
  /** Whether the machine's agent can be believed now. */
  readonly live: boolean;
  readonly entry: ScheduleEntry | null;
  readonly entryRevision: Revision | null;
  readonly state: UnitState | null;
};

/** All copies of a unit, by machine id. */
export function copiesOf(facts: Pick<Facts, "machines" | "schedule" | "states">, unit: UnitName): readonly Copy[] {
  const entries = new Map(facts.schedule.filter((one) => one.unit === unit).map((one) => [one.machine, one]));
  const states = new Map(facts.states.filter((one) => one.unit === unit).map((one) => [one.machine, one]));
  return [...new Set([...entries.keys(), ...states.keys()])].toSorted().map((machine) => {
    const at = facts.machines.get(machine) ?? null;
    return {
      machine,
      at,
      live: at !== null && at.presence !== null,
      entry: entries.get(machine)?.value ?? null,
      entryRevision: entries.get(machine)?.modRevision ?? null,
      state: states.get(machine)?.value ?? null,
    };
  });
}

/** Whether the agent has carried out the entry as it now stands. */
export function isAcknowledged(copy: Copy): boolean {
  return copy.entryRevision !== null && copy.state?.entryRevision === String(copy.entryRevision);
}

/** Whether what the agent speaks of is what the entry asks for: the same unit, and as new. */
export function isCurrent(copy: Copy): boolean {
  const { entry, state } = copy;
  return (
    entry !== null &&
    state !== null &&
    state.incarnation === entry.incarnation &&
    state.generation >= entry.generation &&
    isAcknowledged(copy)
  );
}

const AT_REST: ReadonlySet<string> = new Set(["inactive", "failed"]);

/** Whether processes of it may be there, by systemd's ActiveState. */
export function isUp(state: UnitState): boolean {
  return !AT_REST.has(state.active);
}
