import type { UnitName } from "@quarterdeck/model";
import type { ScheduleStep } from "./schedule-step.ts";

/**
 * The steps by transaction, in order: a group is kept whole as long as it fits, and the steps of no transaction weigh more than `most` together; one
 * that is heavier goes alone. Without `weigh` they are counted.
 * @see architecture.md §4 rule 6
 */
export function batchSteps(
  steps: readonly ScheduleStep[],
  most = 32,
  weigh: (step: ScheduleStep) => number = () => 1,
): readonly (readonly ScheduleStep[])[] {
  const groups = new Map<UnitName, ScheduleStep[]>();
  for (const step of steps) {
    const group = groups.get(step.group);
    if (group === undefined) groups.set(step.group, [step]);
    else group.push(step);
  }
  const batches: ScheduleStep[][] = [];
  let room = 0;
  const add = (part: readonly ScheduleStep[], weight: number): void => {
    const open = batches.at(-1);
    if (open !== undefined && weight <= room) open.push(...part);
    else {
      batches.push([...part]);
      room = most;
    }
    room -= weight;
  };
  for (const group of groups.values()) {
    const weights = group.map(weigh);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    if (whole <= most) add(group, whole);
    else {
      room = 0;
      group.forEach((step, index) => add([step], weights[index] ?? 0));
    }
  }
  return batches;
}
