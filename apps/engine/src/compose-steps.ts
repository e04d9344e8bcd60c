import { absent, keys, modRevisionIs, present, put, remove, type Condition, type Operation, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import { assertNever, type MachineId, type UnitName } from "@quarterdeck/model";
import type { Expectation, ScheduleStep } from "@quarterdeck/planner";
import { joinTransactions } from "./join-transactions.ts";

/** Units of one transaction; a group that is larger than this goes as one all the same. */
const MAX_UNITS = 32;

export type StepBatch = { readonly steps: readonly ScheduleStep[]; readonly transaction: Transaction };

/**
 * The steps of a plan as transactions, in order, groups never split, each conditioned on the unit, the status and the entries that it
 * was decided from.
 */
export function composeSteps(view: Snapshot, steps: readonly ScheduleStep[]): readonly StepBatch[] {
  const batches: ScheduleStep[][] = [];
  for (const group of groupsOf(steps)) {
    const open = batches.at(-1);
    if (open !== undefined && open.length + group.length <= MAX_UNITS) open.push(...group);
    else batches.push([...group]);
  }
  return batches.map((batch) => ({ steps: batch, transaction: joinTransactions(...batch.map((step) => composeStep(view, step))) }));
}

/** Steps of one group need not stand side by side; each group comes where its first step stood. */
function groupsOf(steps: readonly ScheduleStep[]): readonly (readonly ScheduleStep[])[] {
  const groups = new Map<UnitName, ScheduleStep[]>();
  for (const step of steps) {
    const group = groups.get(step.group);
    if (group === undefined) groups.set(step.group, [step]);
    else group.push(step);
  }
  return [...groups.values()];
}

function composeStep(view: Snapshot, step: ScheduleStep): Transaction {
  const schedule = composeSchedule(step);
  const status = step.status === null ? NONE : composeStatus(view, step.unit, step.status);
  return joinTransactions({ when: [unitStands(view, step.unit)], then: [] }, schedule, status);
}

const NONE: Transaction = { when: [], then: [] };

function composeSchedule(step: ScheduleStep): Transaction {
  switch (step.kind) {
    case "place":
      return { when: [expected(step), present(keys.presence(step.machine))], then: [written(step)] };
    case "update":
    case "remove":
    case "settle":
      return { when: [expected(step)], then: [written(step)] };
    case "replaceLost": {
      const lostKey = keys.schedule(step.lost, step.unit);
      return {
        when: [
          expected(step), present(keys.presence(step.machine)),
          absent(keys.presence(step.lost)), modRevisionIs(lostKey, step.lostExpects),
        ],
        then: [written(step), put(lostKey, step.lostEntry)],
      };
    }
    case "forget":
      return { when: [expected(step)], then: [remove(keys.schedule(step.machine, step.unit))] };
    case "unplaceable":
    case "record":
      return NONE;
    default:
      return assertNever(step);
  }
}

type Expecting = { readonly machine: MachineId; readonly unit: UnitName; readonly expects: Expectation };

function expected({ machine, unit, expects }: Expecting): Condition {
  const key = keys.schedule(machine, unit);
  return expects === null ? absent(key) : modRevisionIs(key, expects);
}

function written(step: Extract<ScheduleStep, { readonly entry: unknown }>): Operation {
  return put(keys.schedule(step.machine, step.unit), step.entry);
}

function unitStands(view: Snapshot, unit: UnitName): Condition {
  const found = view.get(keys.unit(unit));
  return found === null ? absent(keys.unit(unit)) : modRevisionIs(found);
}

function composeStatus(view: Snapshot, unit: UnitName, status: NonNullable<ScheduleStep["status"]>): Transaction {
  const key = keys.status(unit);
  const found = view.get(key);
  return { when: [found === null ? absent(key) : modRevisionIs(found)], then: [put(key, status)] };
}
