import { hashEntry, keys, pruneAudit, type Snapshot } from "@quarterdeck/etcd";
import type { AuditAnswer, AuditDesk, AuditQuestion } from "./audit-desk.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import type { EngineLog } from "./ports.ts";
import { NOTHING, type Commit, type Pass, type Stage } from "./stage.ts";

/** What of the audit log stays in etcd although it was exported: both hold. */
export type AuditLimits = { readonly keepEntries: number; readonly keepMs: number };

/** The old is in no hurry. */
const INTERVAL_MS = 60_000;
/** Entries of one transaction; with the anchor and the conditions that is what etcd takes. */
const BATCH = 100;

export type AuditStageParts = { readonly desk: AuditDesk; readonly limits: AuditLimits; readonly log: EngineLog };

/** Removes what is old of the audit log, every minute: only what somebody has exported, and nothing of a log that was touched. */
export function createAuditStage({ desk, limits, log }: AuditStageParts): Stage {
  let nextAt: number | null = null;
  let reported = "";
  const report = (fields: Readonly<Record<string, unknown>>): void => {
    const text = JSON.stringify(fields);
    if (text !== reported) log.error(fields, "the audit log is left as it is");
    reported = text;
  };
  return {
    name: "audit",
    plan(pass) {
      const { elapsed } = pass;
      nextAt ??= elapsed + INTERVAL_MS;
      if (elapsed < nextAt) return { ...NOTHING, dueAt: nextAt };
      const question = questionOf(pass.view, limits);
      const answer = question === null ? null : desk.read(question);
      // While it is being read the pass is woken by the answer.
      if (question !== null && answer === null) return NOTHING;
      const commit = answer === null ? null : prune(pass, answer, { limits, report });
      // More than one batch: the next pass goes on where this one stopped.
      if (commit !== null) return { commits: [commit], dueAt: null };
      nextAt = elapsed + INTERVAL_MS;
      return { ...NOTHING, dueAt: nextAt };
    },
  };
}

/** The next batch, with the entry that follows it; null when nothing may be removed. */
function questionOf(view: Snapshot, { keepEntries }: AuditLimits): AuditQuestion | null {
  const [head, exported] = [view.get(keys.auditHead())?.value, view.get(keys.auditExport())?.value];
  if (head === undefined || exported === undefined) return null;
  const first = (view.get(keys.auditAnchor())?.value.sequence ?? 0) + 1;
  const last = Math.min(first + BATCH - 1, exported.sequence, head.sequence - Math.max(1, keepEntries));
  return last < first ? null : { first, last: last + 1, exported: exported.sequence };
}

type Pruning = {
  readonly limits: AuditLimits;
  readonly report: (fields: Readonly<Record<string, unknown>>) => void;
};

function prune({ view, now, signer }: Pass, answer: AuditAnswer, { limits, report }: Pruning): Commit | null {
  if (!answer.ok) {
    report({ ...answer.problem });
    return null;
  }
  const { entries, exported, ca } = answer;
  if (exported === null || hashEntry(exported.json) !== view.get(keys.auditExport())?.value.hash) {
    report({ code: "AUDIT_UNSOUND", why: "the entry that was exported last is not the one that is there" });
    return null;
  }
  const [at, before] = [formatTimestamp(now), formatTimestamp(now - limits.keepMs)];
  const pruned = pruneAudit(view, entries, { at, before, signer, ca });
  if (!pruned.ok) {
    report({ code: "AUDIT_UNSOUND", why: pruned.fault.message });
    return null;
  }
  if (pruned.transaction === null) return null;
  const fields = { upTo: pruned.upTo, entries: pruned.transaction.then.length - 1 };
  return { transaction: pruned.transaction, message: "removed exported entries of the audit log", fields };
}
