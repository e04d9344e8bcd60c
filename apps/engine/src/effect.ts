import type { Condition, Operation } from "@quarterdeck/etcd";
import type { Reason, RelocationId, Result, RolloutId } from "@quarterdeck/model";

/**
 * What an answered request does to the cluster, as data: it is committed together with the request's outcome and its audit
 * entry, and only while every revision it was decided from still stands.
 */
type Effect = {
  readonly when: readonly Condition[];
  readonly then: readonly Operation[];
  /** Names whose desired state changes; empty when everything is so already. */
  readonly changed: readonly string[];
  readonly rollout: RolloutId | null;
  readonly release: number | null;
  /** Of a drain or a rebalance. */
  readonly relocation?: RelocationId;
  readonly reason: Reason;
};

/** The effect, or the problem that the person who asked can act on; a refusal changes nothing. */
export type Decision = Result<Effect>;
