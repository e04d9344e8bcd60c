import { LOCK_TEXT, lockClaimSchema, type LockClaimValue, type Timestamp } from "@quarterdeck/model";
import { readJson } from "../election/read-json.ts";
import type { Place } from "../election/read-queue.ts";
import type { LockClaim, LockOptions } from "./lock.ts";
import { plainText } from "./plain-text.ts";

export const nowStamp = (): Timestamp => new Date().toISOString() as Timestamp;

export const holderText = (text: string): string => plainText(text, LOCK_TEXT.holder);
export const reasonText = (text: string): string => plainText(text, LOCK_TEXT.reason);

/** What a claim says, written down at this moment. */
export function claimJson({ holder, reason }: Pick<LockOptions, "holder" | "reason">): string {
  const claim: LockClaimValue = { v: 1, holder: holderText(holder), reason: reasonText(reason), since: nowStamp() };
  return JSON.stringify(claim);
}

export function readClaim({ path, fence, leaseHex, text }: Place, position: number): LockClaim {
  const claim = readJson(text, lockClaimSchema);
  const ageMs = claim === null ? null : Math.max(0, Date.now() - Date.parse(claim.since));
  return {
    key: path,
    fence,
    leaseHex,
    position,
    // Others than this function may have written it.
    holder: claim === null ? null : holderText(claim.holder),
    reason: claim === null ? null : reasonText(claim.reason),
    since: claim?.since ?? null,
    ageSeconds: ageMs === null ? null : Math.floor(ageMs / 1_000),
  };
}
