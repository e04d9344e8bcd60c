/** Counts calls per key in a bucket that refills steadily. */
export class RateLimiter {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #now: () => number;

  /** `now` is in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes one call; 0 when there was one to take, else the whole seconds until there will be. */
  take(key: string, { burst, perMinute }: { readonly burst: number; readonly perMinute: number }): number {
    if (perMinute === Infinity) return 0;
    const at = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) * perMinute) / 60_000);
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    return tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - tokens) * 60) / perMinute));
  }
}
