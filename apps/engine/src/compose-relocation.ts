import {
  absent,
  appendAudit,
  keys,
  modRevisionIs,
  present,
  put,
  type Entry,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import type { Relocation } from "@quarterdeck/model";
import type { MoveWrite, RelocationPlan } from "@quarterdeck/planner";
import { formatTimestamp } from "./format-timestamp.ts";
import { isEnded } from "./is-ended.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Moment } from "./stage.ts";

/** One step of a relocation as one transaction: what is written ahead in `relocations/<id>`, and the entries that it changes. */
export function composeRelocation(
  view: Snapshot,
  stored: Entry<Relocation>,
  { plan, now, signer }: Moment & { readonly plan: RelocationPlan },
): Transaction {
  const { relocation } = plan;
  const written: Transaction = {
    when: [modRevisionIs(stored)],
    then: [put(keys.relocation(relocation.id), relocation)],
  };
  const writes = plan.writes.map((write) => composeWrite(view, write));
  if (!isEnded(relocation)) return joinTransactions(written, ...writes);
  const facts = {
    at: formatTimestamp(now),
    actor: null,
    request: relocation.request,
    act: `${relocation.kind}-${relocation.state}`,
    subjects: [relocation.machine ?? "cluster", relocation.id],
    outcome: `${relocation.reason.code} ${relocation.reason.text}`,
  };
  return joinTransactions(written, ...writes, appendAudit(view, facts, signer));
}

function composeWrite(view: Snapshot, { unit, machine, entry, expects, arrives }: MoveWrite): Transaction {
  const key = keys.schedule(machine, unit);
  const stands = view.get(keys.unit(unit));
  return {
    when: [
      stands === null ? absent(keys.unit(unit)) : modRevisionIs(stands),
      expects === null ? absent(key) : modRevisionIs(key, expects),
      ...(arrives ? [present(keys.presence(machine))] : []),
    ],
    then: [put(key, entry)],
  };
}
