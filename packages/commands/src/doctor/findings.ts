import type { CredentialFinding, Knock, MemberHealth, Unreadable } from "@quarterdeck/etcd";
import type { Principal, Problem, Result } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";

/** All that was seen on the way to a cluster and in it. What was not come to is null or empty. */
export type Findings = {
  /** Milliseconds since the epoch, by our clock. */
  readonly now: number;
  readonly way: {
    readonly source: string;
    readonly problem: Problem | null;
    readonly warning: Problem | null;
    readonly name: string | null;
    readonly endpoints: readonly string[];
    readonly principal: Principal | null;
    readonly lab: "none" | "runs" | Problem;
  };
  /** Empty where no files are known. */
  readonly credentials: readonly CredentialFinding[];
  /** Why there is no client. */
  readonly unopened: Problem | null;
  /** Of the endpoints, where there is no client. */
  readonly knocks: readonly Knock[];
  readonly members: readonly MemberHealth[];
  readonly cluster: ClusterFindings | null;
};

/** What etcd answered, asked as any other verb asks; only where a member has a leader. */
export type ClusterFindings = {
  readonly isAccessControlled: Result<boolean>;
  /** Reading all that verbs read. */
  readonly reading: Result<{ readonly facts: Facts; readonly unreadable: readonly Unreadable[] }>;
  /** Whether we could write what should be; nothing was written. */
  readonly mayWrite: Result<boolean>;
};
