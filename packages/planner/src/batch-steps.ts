import type { UnitName } from "@quarterdeck/model";
import type { ScheduleStep } from "./schedule-step.ts";

/**
 * The steps by transaction, in order: a group is kept whole as long as it fits, and no transaction has more than `most` steps.
 * @see architecture.md §4 rule 6
 */
export function batchSteps(steps: readonly ScheduleStep[], most = 32): readonly (readonly ScheduleStep[])[] {
  const groups = new Map<UnitName, ScheduleStep[]>();
  for (const step of steps) {
    const group = groups.get(step.group);
    if (group === undefined) groups.set(step.group, [step]);
    else group.push(step);
  }
  const batches: ScheduleStep[][] = [];
  for (const group of groups.values()) {
    const open = batches.at(-1);
    if (open !== undefined && open.length + group.length <= most) open.push(...group);
    else for (let start = 0; start < group.length; start += most) batches.push(group.slice(start, start + most));
  }
  return batches;
}
