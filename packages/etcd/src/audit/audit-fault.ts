import type { Sha256 } from "@quarterdeck/model";

/** What can be wrong with an audit log. */
export type AuditFaultCode =
  /** There is nothing at all: no entry, no head. */
  | "empty"
  /** No head is signed: an engine that does not sign was the last to write, or somebody took the signature away. */
  | "unsigned"
  /** There are entries and no head. */
  | "head-missing"
  /** The head or the anchor is not what either looks like. */
  | "seal-unreadable"
  /** The certificate of the head or the anchor is not an engine's of this cluster, or was not valid then. */
  | "certificate"
  /** The signature is not the certificate's under what head or anchor say. */
  | "signature"
  /** An entry is missing: in the middle, at the beginning without an anchor, or at the end, which the head knows of. */
  | "removed"
  /** A key that belongs to no place of the chain, or to one before the anchor. */
  | "inserted"
  /** An entry's own number is not that of its key. */
  | "moved"
  /** An entry is not the one that the next one, or the head, was chained to. */
  | "changed"
  /** Text that is no audit entry. */
  | "unreadable"
  /** An entry of a version that this program does not know; not a sign of tampering. */
  | "newer"
  /** An entry is older than the one before it. */
  | "time"
  /** Entries go on behind the signed head. */
  | "head-behind"
  /** The log does not contain the head that the caller kept: an old state was put back, or the log was made anew. */
  | "kept-head";

/** The first thing that is wrong. */
export type AuditFault = {
  readonly code: AuditFaultCode;
  /** The first bad entry's number; null when the fault has no place of its own. */
  readonly sequence: number | null;
  readonly message: string;
};

/** A place in the chain, as people keep it: `57:<64 hex digits>`. */
export type AuditPlace = { readonly sequence: number; readonly hash: Sha256 };
