/** How long a singleton may run after etcd has last been heard of, and how long it may then take to stop. */
export type FenceTimes = { readonly holdMs: number; readonly stopMs: number };

/**
 * Two thirds of the lease's time to live to hear of etcd again, which is asked after a fifth; the last third to stop. So the stop is over when
 * etcd ends the lease, at the earliest, and the engine's grace after that is the margin. All counted from when the last acknowledged keep-alive was *sent*.
 */
export function fenceTimes(ttlSeconds: number): FenceTimes {
  const ttlMs = ttlSeconds * 1000;
  const holdMs = Math.floor((ttlMs * 2) / 3);
  return { holdMs, stopMs: ttlMs - holdMs };
}
