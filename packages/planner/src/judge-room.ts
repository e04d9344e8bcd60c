import { reason } from "@quarterdeck/model";
import type { MachineView, UnitView } from "./cluster-view.ts";
import type { Refusal } from "./judge-machine.ts";
import type { Occupancy } from "./occupancy.ts";

/** Below this much free disk a machine takes no new units: pulling an image there would fail, or take the room of what runs. */
export const LEAST_FREE_PERCENT = 15;

/** Sums of fractions of cores are not exact. */
const TOLERANCE = 1e-6;

type Need = {
  readonly code: "MEMORY_SHORT" | "CPU_SHORT";
  readonly unit: string;
  readonly asked: number;
  /** What the machine has; `null` is not known. */
  readonly has: number | null;
  readonly reserved: number;
  /** Part of `reserved`: on its way out. */
  readonly leaving: number;
};

/** Whether the machine has room for the unit: what it reserves, and disk. What is not known is no limit. */
export function judgeRoom(unit: UnitView, machine: MachineView, occupancy: Occupancy): Refusal | null {
  for (const need of needsOf(unit, machine, occupancy)) {
    const free = need.has === null ? Number.POSITIVE_INFINITY : need.has - need.reserved;
    if (need.asked <= free + TOLERANCE) continue;
    const enough = need.asked <= free + need.leaving + TOLERANCE;
    const text = `${machine.hostname} has ${round(Math.max(0, free))} of its ${round(need.has ?? 0)}${need.unit} free, and ${unit.name} asks for ${round(need.asked)}`;
    return {
      reason: reason(need.code, enough ? `${text}; units that are still stopping will give up enough` : text),
      transient: enough,
      alike: true,
    };
  }
  const { diskFreePercent } = machine;
  if (diskFreePercent === null || diskFreePercent >= LEAST_FREE_PERCENT) return null;
  return {
    reason: reason(
      "DISK_LOW",
      `${machine.hostname} has ${diskFreePercent} % of its disk free, and takes new units from ${LEAST_FREE_PERCENT} %`,
    ),
    transient: false,
    alike: true,
  };
}

/** What of a unit's reservations was not checked on a machine whose size is not known; empty when all was. */
export function uncheckedNeeds({ options }: UnitView, machine: MachineView): readonly string[] {
  return [
    ...(options.memoryReserveMiB !== null && machine.memoryMiB === null ? ["MemoryReserve="] : []),
    ...(options.cpuReserveCores !== null && machine.cpuCores === null ? ["CPUReserve="] : []),
  ];
}

function needsOf({ name, options }: UnitView, machine: MachineView, occupancy: Occupancy): readonly Need[] {
  const { memoryReserveMiB, cpuReserveCores } = options;
  if (memoryReserveMiB === null && cpuReserveCores === null) return [];
  const { all, leaving } = occupancy.reservedBesides(machine.machine, name);
  const needs: Need[] = [];
  if (memoryReserveMiB !== null)
    needs.push({
      code: "MEMORY_SHORT",
      unit: " MiB of memory",
      asked: memoryReserveMiB,
      has: machine.memoryMiB,
      reserved: all.memoryMiB,
      leaving: leaving.memoryMiB,
    });
  if (cpuReserveCores !== null)
    needs.push({
      code: "CPU_SHORT",
      unit: " processor cores",
      asked: cpuReserveCores,
      has: machine.cpuCores,
      reserved: all.cpuCores,
      leaving: leaving.cpuCores,
    });
  return needs;
}

const round = (amount: number): number => Math.round(amount * 1000) / 1000;
