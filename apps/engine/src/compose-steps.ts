import {
  absent,
  keys,
  modRevisionIs,
  present,
  put,
  remove,
  type Condition,
  type Operation,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import { assertNever, type MachineId, type UnitName } from "@quarterdeck/model";
import { batchSteps, type Expectation, type ScheduleStep } from "@quarterdeck/planner";
import { joinTransactions } from "./join-transactions.ts";

export type StepBatch = { readonly steps: readonly ScheduleStep[]; readonly transaction: Transaction };

/** etcd takes 128 conditions by default (`--max-txn-ops`); one is the leader's fence. */
const MOST_CONDITIONS = 127;
const MOST_STEPS = 32;

/**
 * The steps of a plan as transactions, in order, each conditioned on the unit, the status and the entries that it was decided from. A placement has
 * four conditions, a replaced loss six: of those fewer than 32 go in one.
 */
export function composeSteps(view: Snapshot, steps: readonly ScheduleStep[]): readonly StepBatch[] {
  const composed = new Map(steps.map((step) => [step, composeStep(view, step)]));
  const weigh = (step: ScheduleStep): number =>
    Math.max(MOST_CONDITIONS / MOST_STEPS, composed.get(step)?.when.length ?? 0);
  return batchSteps(steps, MOST_CONDITIONS, weigh).map((batch) => ({
    steps: batch,
    transaction: joinTransactions(...batch.flatMap((step) => composed.get(step) ?? [])),
  }));
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
          expected(step),
          present(keys.presence(step.machine)),
          absent(keys.presence(step.lost)),
          modRevisionIs(lostKey, step.lostExpects),
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
