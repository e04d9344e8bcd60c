import {
  absent,
  appendAudit,
  keys,
  modRevisionIs,
  put,
  remove,
  type Entry,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import { assertNever, type Rollout, type UnitName } from "@quarterdeck/model";
import type { RolloutAction, RolloutPlan } from "@quarterdeck/planner";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Moment } from "./stage.ts";

/** One step of a rollout as one transaction: the wave in `rollouts/<id>`, and the units and entries that it changes. */
export function composeRollout(
  view: Snapshot,
  stored: Entry<Rollout>,
  { plan, ...moment }: Moment & { readonly plan: RolloutPlan },
): Transaction {
  const { rollout } = plan;
  const key = keys.rollout(rollout.id);
  const written: Transaction = { when: [modRevisionIs(key, stored.modRevision)], then: [put(key, rollout)] };
  const ending = rollout.state === "running" ? [] : [closeRollout(view, rollout, moment)];
  return joinTransactions(written, ...plan.actions.map((action) => composeAction(view, action)), ...ending);
}

/** What one action of a rollout writes, and what must stand for it. */
export function composeAction(view: Snapshot, action: RolloutAction): Transaction {
  switch (action.kind) {
    case "start": {
      const unit: Transaction = {
        when: unitStands(view, action.unit).when,
        then: [put(keys.unit(action.unit), action.value)],
      };
      if (action.entry === null) return unit;
      const key = keys.schedule(action.entry.machine, action.unit);
      const { expects } = action.entry;
      const entry: Transaction = {
        when: [expects === null ? absent(key) : modRevisionIs(key, expects)],
        then: [put(key, action.entry.entry)],
      };
      return joinTransactions(unit, entry);
    }
    case "retire": {
      const status = view.get(keys.status(action.unit)) === null ? [] : [remove(keys.status(action.unit))];
      return { when: unitStands(view, action.unit).when, then: [remove(keys.unit(action.unit)), ...status] };
    }
    case "healthy":
    case "fail":
      return { when: [], then: [] };
    default:
      return assertNever(action);
  }
}

function unitStands(view: Snapshot, unit: UnitName): Transaction {
  const found = view.get(keys.unit(unit));
  return { when: [found === null ? absent(keys.unit(unit)) : modRevisionIs(found)], then: [] };
}

/** The end of a rollout is the engine's own act and is audited; the service is free for the next one. */
function closeRollout(view: Snapshot, rollout: Rollout, { now, signer }: Moment): Transaction {
  const service = view.get(keys.service(rollout.service));
  const freed: Transaction =
    service === null || service.value.rollout !== rollout.id
      ? { when: [], then: [] }
      : {
          when: [modRevisionIs(service)],
          then: [put(keys.service(rollout.service), { ...service.value, rollout: null })],
        };
  const facts = {
    at: formatTimestamp(now),
    actor: null,
    request: rollout.request,
    act: `rollout-${rollout.state}`,
    subjects: [rollout.service, rollout.id],
    outcome: `${rollout.reason.code} ${rollout.reason.text}`,
  };
  return joinTransactions(freed, appendAudit(view, facts, signer));
}
