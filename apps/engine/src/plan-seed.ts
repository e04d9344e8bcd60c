import { absent, appendAudit, keys, put, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import { isTemplate, parseUnitName, refuse, succeed, type Policy, type Result, type Seed } from "@quarterdeck/model";
import { submitFile } from "./apply-submit.ts";
import { createDraft } from "./draft.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Moment } from "./stage.ts";

/** What Ignition put in `/etc/quarterdeck/seed/`, read and parsed. */
export type SeedContent = { readonly policy: Policy; readonly seed: Seed; readonly texts: ReadonlyMap<string, string> };

/** The cluster's first policy and units as one transaction; a unit that exists already keeps its text and target. */
export function planSeed(view: Snapshot, content: SeedContent, moment: Moment): Result<Transaction> {
  const { now, signer } = moment;
  const draft = createDraft(view);
  for (const { name, file, target } of content.seed.units) {
    const unit = parseUnitName(name);
    if (!unit.ok) return unit;
    const text = content.texts.get(file);
    if (text === undefined)
      return refuse({ code: "INVALID_CONFIG", message: `seed.json names units/${file}, which is not there` });
    if (draft.unit(unit.value) !== null) continue;
    const aimed = isTemplate(unit.value) ? ("inactive" as const) : target;
    const problem = submitFile(
      draft,
      { name: unit.value, text },
      { replace: false, verb: "submit", target: aimed, now },
    );
    if (problem !== null) return refuse(problem);
  }
  const key = keys.policy();
  const drafted = draft.finish();
  const audit = appendAudit(
    view,
    {
      at: formatTimestamp(now),
      actor: null,
      request: null,
      act: "seed",
      subjects: ["policy", ...drafted.changed],
      outcome: "applied",
    },
    signer,
  );
  return succeed(joinTransactions({ when: [absent(key)], then: [put(key, content.policy)] }, drafted, audit));
}
