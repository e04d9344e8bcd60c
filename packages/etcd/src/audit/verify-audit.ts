import { CodedError, type Timestamp } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import type { AuditFault, AuditFaultCode, AuditPlace } from "./audit-fault.ts";
import { readAuditLog, type AuditLog } from "./audit-log.ts";
import { readAuthorities } from "./authorities.ts";
import { checkEntry, missing, type ChainTail } from "./check-entry.ts";
import { checkSeal, type CheckedSeal } from "./check-seal.ts";

export type VerifyOptions = {
  /** PEM of the cluster's authority, or of several while one takes the other's place. */
  readonly ca: string;
  /** A head that was kept outside of etcd: only it tells an old state that was put back, signed as it is, from the present one. */
  readonly kept?: AuditPlace;
};

/** What a log that holds is worth. */
type Sound = {
  readonly ok: true;
  /** How many entries were followed, and from which to which. */
  readonly entries: number;
  readonly first: number;
  /** The newest entry; keep it for the next time. */
  readonly head: AuditPlace & { readonly at: Timestamp };
  /** Entries before this one were written by engines that did not sign: that they are as they were is known since this one only. */
  readonly signedFrom: number;
  /** Entries up to this one were exported and removed by an engine; null when the log is whole. */
  readonly anchor: number | null;
  /** SHA-256 of the certificate of the engine that signed the head, as OpenSSL prints it. */
  readonly fingerprint: string;
};

export type AuditVerdict = Sound | { readonly ok: false; readonly fault: AuditFault };

/** A compaction may overtake a long read, which then begins anew. */
const ATTEMPTS = 3;

/**
 * Follows the whole audit log, link by link, up to the head that an engine signed; see docs/audit.md for what that proves.
 * @throws {CodedError} INVALID_CERTIFICATE when `ca` is none, and whatever reading etcd throws
 */
export async function verifyAudit(
  client: EtcdClient,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<AuditVerdict> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await verifyAuditLog(await readAuditLog(client, signal), options, signal);
    } catch (error) {
      if (!(error instanceof CodedError && error.code === "ETCD_COMPACTED") || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** Like {@link verifyAudit} for a log from anywhere; nothing but its texts is asked for. */
export async function verifyAuditLog(
  log: AuditLog,
  options: VerifyOptions,
  signal: AbortSignal,
): Promise<AuditVerdict> {
  const authorities = readAuthorities(options.ca);
  const anchor = log.anchor === null ? null : checkSeal("anchor", log.anchor, authorities);
  if (anchor?.ok === false) return anchor;
  const head = log.head === null ? null : checkSeal("head", log.head, authorities);
  const signedFrom = head?.ok === true ? head.seal.signedFrom : Number.POSITIVE_INFINITY;
  const begin: ChainTail = { sequence: anchor?.seal.sequence ?? 0, hash: anchor?.seal.hash ?? null, at: null };
  let tail = begin;
  const { kept } = options;
  let keptFault = checkKept(kept, tail);
  for await (const stored of log.entries) {
    signal.throwIfAborted();
    const checked = checkEntry(stored, tail, signedFrom);
    if (!checked.ok) return checked;
    ({ tail } = checked);
    keptFault ??= checkKept(kept, tail);
  }
  const fault = checkEnd(log, head, tail) ?? keptFault ?? checkReached(kept, tail, begin);
  if (fault !== null) return { ok: false, fault };
  if (head?.ok !== true) throw new CodedError("INTERNAL", { message: "a log without a head was found sound" });
  const { sequence, hash, at } = head.seal;
  return {
    ok: true,
    entries: sequence - begin.sequence,
    first: begin.sequence + 1,
    head: { sequence, hash, at },
    signedFrom,
    anchor: anchor === null ? null : begin.sequence,
    fingerprint: head.fingerprint,
  };
}

/** Whether the chain ends where the head says that it does. */
function checkEnd(log: AuditLog, head: CheckedSeal | null, tail: ChainTail): AuditFault | null {
  const last = tail.sequence;
  if (head === null) return withoutHead(log, last);
  if (!head.ok) return head.fault;
  const { sequence, hash } = head.seal;
  if (sequence > last) return fault("removed", last + 1, `${missing(last + 1, sequence)} at the end`);
  if (sequence < last)
    return fault(
      "head-behind",
      sequence + 1,
      `the signed head is entry ${sequence}, and the log goes on up to ${last}`,
    );
  if (hash !== tail.hash)
    return fault(
      "changed",
      sequence,
      `entry ${sequence} is not the one that the engine signed: it or all of the chain was rewritten`,
    );
  return null;
}

function withoutHead({ unsignedHead }: AuditLog, last: number): AuditFault {
  if (unsignedHead !== null)
    return fault(
      "unsigned",
      null,
      "no head is signed yet: the last engine that wrote does not sign, or somebody took the signature away",
    );
  if (last === 0) return fault("empty", null, "there is no audit log: a cluster's first act would have begun one");
  return fault("head-missing", null, `there are entries up to ${last} and no head that is signed`);
}

/** Whether the entry at the kept head's place is the kept one. */
function checkKept(kept: AuditPlace | undefined, tail: ChainTail): AuditFault | null {
  if (kept === undefined || kept.sequence !== tail.sequence || kept.hash === tail.hash) return null;
  return fault(
    "kept-head",
    kept.sequence,
    `entry ${kept.sequence} is not the one whose hash was kept: the log was rewritten`,
  );
}

function checkReached(kept: AuditPlace | undefined, tail: ChainTail, begin: ChainTail): AuditFault | null {
  if (kept === undefined) return null;
  if (kept.sequence > tail.sequence)
    return fault(
      "kept-head",
      tail.sequence + 1,
      `the log ends with entry ${tail.sequence} and had ${kept.sequence} when its head was kept: an older state was put back`,
    );
  if (kept.sequence < begin.sequence)
    return fault(
      "kept-head",
      kept.sequence,
      `entry ${kept.sequence} was exported and removed, as the anchor says: look for it in the export`,
    );
  return null;
}

function fault(code: AuditFaultCode, sequence: number | null, message: string): AuditFault {
  return { code, sequence, message };
}
