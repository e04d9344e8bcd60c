import type { AuditSigner, Snapshot, Transaction } from "@quarterdeck/etcd";
import type { Problem } from "@quarterdeck/model";

/** When an act happens, and who signs for it in the audit log. */
export type Moment = {
  /** Milliseconds since the epoch, for stored times. */
  readonly now: number;
  readonly signer: AuditSigner;
};

/** What every stage of a pass sees: the mirror at one revision, and the time. */
export type Pass = Moment & {
  readonly view: Snapshot;
  /** Milliseconds on the clock that nobody sets, for durations. */
  readonly elapsed: number;
  readonly mirrorAgeMs: number;
};

/** One fenced transaction and the line that the journal gets once it is committed. */
export type Commit = {
  readonly transaction: Transaction;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Told when etcd will never take the transaction as it is (too large, forbidden), so that it is not tried for ever. */
  readonly onRefused?: (problem: Problem) => void;
};

export type StageOutcome = {
  /** Each is committed by itself; one whose conditions no longer hold is planned anew by the next pass. */
  readonly commits: readonly Commit[];
  /** When this stage wants to be asked again although nothing changed, on the clock of `elapsed`; null for never. */
  readonly dueAt: number | null;
};

/** One concern of the leader: looks at the mirror and says what to write. It writes nothing itself and never waits. */
export type Stage = { readonly name: string; readonly plan: (pass: Pass) => StageOutcome };

export const NOTHING: StageOutcome = { commits: [], dueAt: null };
