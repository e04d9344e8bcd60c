import { lockRecordSchema, type LockRecord, type LockSteal } from "@quarterdeck/model";
import { readJson } from "../election/read-json.ts";
import type { Key, Revision } from "../keyspace/key.ts";
import { holderText, reasonText } from "./lock-claim.ts";

/** Steals that are kept: enough for a victim that hears of its own late. */
const KEPT = 32;

/** The lock's own name, beside the queue and not in it, so that nobody waits for it. */
export function lockRecordKey(path: string): Key<LockRecord> {
  return { path, schema: lockRecordSchema };
}

export function recordSteal(before: LockRecord | null, steal: LockSteal): LockRecord {
  return { v: 1, steals: [steal, ...(before?.steals ?? [])].slice(0, KEPT) };
}

/** What can be read of a record, as it may be shown: others than this package may have written it. */
export function readSteals(written: string): readonly LockSteal[] {
  const { steals } = readJson(written, lockRecordSchema) ?? { steals: [] };
  return steals.map(({ at, thief, reason, victim: { key, fence, holder } }) => ({
    at,
    thief: holderText(thief),
    reason: reasonText(reason),
    victim: { key, fence, holder: holder === null ? null : holderText(holder) },
  }));
}

/** For the victim whose claim had this fence. */
export function explainSteal(written: string, fence: Revision): string | null {
  const steal = readSteals(written).find(({ victim }) => victim.fence === fence.toString());
  return steal === undefined ? null : `it was stolen by ${steal.thief} at ${steal.at}: ${steal.reason}`;
}
