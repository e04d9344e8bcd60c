import { auditEntrySchema, type AuditEntry, type Timestamp } from "@quarterdeck/model";
import type { AuditFault, AuditFaultCode, AuditPlace } from "./audit-fault.ts";
import type { StoredText } from "./audit-log.ts";
import { hashEntry } from "./hash-entry.ts";

/** How far a chain has been followed. */
export type ChainTail = {
  readonly sequence: number;
  readonly hash: AuditPlace["hash"] | null;
  readonly at: Timestamp | null;
};

export type CheckedEntry =
  | { readonly ok: true; readonly tail: AuditPlace & ChainTail }
  | { readonly ok: false; readonly fault: AuditFault };

const KEY = /^audit\/([0-9]{12})$/;

/**
 * The next value below `audit/`, as the next link behind `tail`. From entry `signedFrom` on its bytes must be UTF-8, and behind that one time
 * may not go backwards: older engines promised neither.
 */
export function checkEntry({ path, json }: StoredText, tail: ChainTail, signedFrom: number): CheckedEntry {
  const place = KEY.exec(path)?.[1];
  const next = tail.sequence + 1;
  if (place === undefined) return bad("inserted", null, `${path} is no place in the log`);
  const sequence = Number(place);
  if (sequence < next)
    return bad("inserted", sequence, `entry ${sequence} is there, and the log begins behind it, with ${next}`);
  if (sequence > next) return bad("removed", next, missing(next, sequence - 1));
  if (sequence >= signedFrom && json.includes("\ufffd"))
    return bad("unreadable", sequence, `entry ${sequence} has bytes that are no UTF-8, which no engine writes`);
  const read = readEntry(json, sequence);
  if ("fault" in read) return { ok: false, fault: read.fault };
  const { entry } = read;
  if (entry.sequence !== sequence)
    return bad("moved", sequence, `the entry at ${sequence} says that it is entry ${entry.sequence}`);
  if (entry.previous !== tail.hash) return brokenLink(sequence, tail);
  if (sequence > signedFrom && tail.at !== null && entry.at < tail.at)
    return bad("time", sequence, `entry ${sequence} is of ${entry.at}, before the one before it, of ${tail.at}`);
  return { ok: true, tail: { sequence, hash: hashEntry(json), at: entry.at } };
}

/** `entry 4 is missing`, `entries 4 to 6 are missing`. */
export function missing(first: number, last: number): string {
  return first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`;
}

type Read = { readonly entry: AuditEntry } | { readonly fault: AuditFault };

function readEntry(json: string, sequence: number): Read {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch (error) {
    const message = `entry ${sequence} is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { fault: { code: "unreadable", sequence, message } };
  }
  const parsed = auditEntrySchema.safeParse(raw);
  if (parsed.success) return { entry: parsed.data };
  const version = typeof raw === "object" && raw !== null && "v" in raw ? raw.v : null;
  if (typeof version === "number" && version > 1) {
    const message = `entry ${sequence} was written by a newer Quarterdeck (v ${version}); verify with that one`;
    return { fault: { code: "newer", sequence, message } };
  }
  return { fault: { code: "unreadable", sequence, message: `entry ${sequence} is not an audit entry` } };
}

function brokenLink(sequence: number, tail: ChainTail): CheckedEntry {
  if (tail.hash === null)
    return bad("changed", sequence, `entry ${sequence} is the first, and says that there was one before it`);
  const before = tail.sequence;
  return bad(
    "changed",
    before,
    `entry ${before} is not the one that entry ${sequence} follows: one of the two was changed`,
  );
}

function bad(code: AuditFaultCode, sequence: number | null, message: string): CheckedEntry {
  return { ok: false, fault: { code, sequence, message } };
}
