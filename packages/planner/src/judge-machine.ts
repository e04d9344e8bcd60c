import { reason, type MachineId, type Metadata, type Reason, type UnitName } from "@quarterdeck/model";
import { expandForMachine, type FleetOptions, type MetadataRule } from "@quarterdeck/units";
import type { MachineView, UnitView } from "./cluster-view.ts";
import { judgeRoom } from "./judge-room.ts";
import type { Occupancy, Occupant } from "./occupancy.ts";

export type Refusal = {
  readonly reason: Reason;
  /** What is in the way is already leaving, so the answer will change by itself. */
  readonly transient: boolean;
  /** Whether every unit with the same options would be told so, now and for the rest of the plan. */
  readonly alike: boolean;
};

export type Surroundings = {
  readonly occupancy: Occupancy;
  /** Where the targets of MachineOf are or will be; `null` for one that is nowhere. */
  locate(unit: UnitName): MachineId | null;
  nameOf(machine: MachineId): string;
};

/** Whether a machine may take a unit: the reason against it, or `null`. */
export function judgeMachine(unit: UnitView, machine: MachineView, around: Surroundings): Refusal | null {
  if (machine.presence.kind !== "present")
    return firmly(reason("MACHINE_NOT_RUNNING", `${machine.hostname} does not answer`));
  const misfit = judgeFit(unit.options, machine);
  if (misfit !== null) return firmly(misfit);
  if (machine.cordoned) return firmly(reason("MACHINE_CORDONED", `${machine.hostname} is cordoned`));
  const refusal =
    judgeFollowing(unit, machine, around) ??
    judgeConflicts(unit, machine, around) ??
    judgeRoom(unit, machine, around.occupancy);
  if (refusal !== null) return refusal;
  const replacer = around.occupancy.replacerOf(machine.machine, unit.name);
  return replacer === null
    ? null
    : firmly(reason("REPLACED_BY", `${replacer} on ${machine.hostname} has Replaces=${unit.name}`));
}

/** What a machine is, against what a unit wants; holds for running units too. */
export function judgeFit(options: FleetOptions, machine: MachineView): Reason | null {
  if (options.machineId !== null && options.machineId !== machine.machine) {
    return reason(
      "MACHINE_ID_MISMATCH",
      `${machine.hostname} is not the machine that MachineID=${options.machineId} names`,
    );
  }
  if (options.machineMetadata.length === 0) return null;
  const missing = options.machineMetadata.find((rule) => !hasValue(machine, rule));
  if (missing === undefined) return null;
  const has = valueOf(machine.metadata, missing.key);
  const wanted = missing.values.map((value) => `${missing.key}=${expandForMachine(value, machine)}`).join(" or ");
  return reason(
    "METADATA_MISMATCH",
    `${machine.hostname} has ${has === null ? `no ${missing.key}` : `${missing.key}=${has}`}, not ${wanted}`,
  );
}

/** Whether the targets of MachineOf are on the machine. */
export function judgeFollowing(unit: UnitView, machine: MachineView, around: Surroundings): Refusal | null {
  for (const target of unit.options.machineOf) {
    const at = around.locate(target);
    if (at === machine.machine) continue;
    if (at === null) return firmly(reason("MACHINE_OF_UNPLACED", `${target}, which it follows, is on no machine`));
    return firmly(
      reason(
        "MACHINE_OF_ELSEWHERE",
        `${target}, which it follows, is on ${around.nameOf(at)}, not on ${machine.hostname}`,
      ),
    );
  }
  return null;
}

/** Whether the units of the machine tolerate it. */
function judgeConflicts(unit: UnitView, machine: MachineView, around: Surroundings): Refusal | null {
  const conflict = around.occupancy.conflictWith(machine.machine, unit.name);
  if (conflict === null) return null;
  return {
    reason: reason(
      "CONFLICTS_WITH",
      `${conflict.unit} ${presenceOf(conflict.kind, machine)}, and Conflicts= keeps them apart`,
    ),
    transient: conflict.kind === "leaving",
    alike: conflict.own,
  };
}

/** The same for a unit that runs there: only what is to stay there drives it off. */
export function judgeStaying(unit: UnitView, machine: MachineView, around: Surroundings): Reason | null {
  if (around.occupancy.conflictWith(machine.machine, unit.name)?.kind !== "live") return null;
  return judgeConflicts(unit, machine, around)?.reason ?? null;
}

function presenceOf(kind: Occupant, { hostname }: MachineView): string {
  if (kind === "waiting") return `runs on ${hostname} until its replacement elsewhere is mended`;
  return kind === "leaving" ? `is still stopping on ${hostname}` : `is on ${hostname}`;
}

function hasValue(machine: MachineView, { key, values }: MetadataRule): boolean {
  const has = valueOf(machine.metadata, key) ?? "";
  return values.some((value) => expandForMachine(value, machine) === has);
}

function firmly(why: Reason): Refusal {
  return { reason: why, transient: false, alike: false };
}

function valueOf(metadata: Metadata, key: string): string | null {
  return Object.hasOwn(metadata, key) ? (metadata[key] ?? null) : null;
}
