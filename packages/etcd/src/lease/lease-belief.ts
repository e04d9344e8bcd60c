/** What a holder may believe of its lease. All times are milliseconds on one monotonic clock, the holder's own. */
export type LeaseBelief = {
  readonly ttlMs: number;
  /** When the request was *sent* whose answer proved the lease alive: etcd counts from when it received it, which is later. */
  readonly provedAtMs: number;
};

/** etcd's answer to a keep-alive that was sent at `sentAtMs`. */
export type Acknowledgement = { readonly sentAtMs: number; readonly ttlSeconds: number };

/** What etcd says of a lease that was looked up at `sentAtMs`. */
export type Remainder = Acknowledgement & { readonly leftSeconds: number };

/** Pays for clocks that do not run equally fast, for a timer that fires late, and for those who listen to `lost`. */
const MOST_MARGIN_MS = 1_000;

/** The instant from which the lease counts as lost; before etcd's own by a tenth of the TTL, at most a second. */
export function lostAtMs({ ttlMs, provedAtMs }: LeaseBelief): number {
  return provedAtMs + ttlMs - Math.min(MOST_MARGIN_MS, ttlMs / 10);
}

/** Leaves two thirds of the TTL for what may go wrong. */
export const USUAL_PART = 3;

/** When to ask etcd to keep the lease alive, if that is done after the `part`th part of its TTL. */
export function askAtMs({ ttlMs, provedAtMs }: LeaseBelief, part: number = USUAL_PART): number {
  return provedAtMs + ttlMs / part;
}

/** How long a silent connection is waited for before another one is tried: there is time for two. */
export function patienceMs(ttlMs: number): number {
  return Math.min(1_500, ttlMs / 4);
}

export function believeGrant({ sentAtMs, ttlSeconds }: Acknowledgement): LeaseBelief {
  return { ttlMs: ttlSeconds * 1_000, provedAtMs: sentAtMs };
}

/** An answer that is older than what is known proves nothing. */
export function believeAnswer(belief: LeaseBelief, answer: Acknowledgement): LeaseBelief {
  return answer.sentAtMs <= belief.provedAtMs ? belief : believeGrant(answer);
}

/**
 * A lease that somebody else kept alive: as if a keep-alive had been sent as long ago as etcd has been counting. `leftSeconds` is rounded down
 * by etcd; a member that has just become the leader and does not count yet says hundreds of years, hence the cap.
 */
export function believeRemainder({ sentAtMs, ttlSeconds, leftSeconds }: Remainder): LeaseBelief {
  const usedSeconds = Math.max(0, ttlSeconds - leftSeconds);
  return { ttlMs: ttlSeconds * 1_000, provedAtMs: sentAtMs - usedSeconds * 1_000 };
}
