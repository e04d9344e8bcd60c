/** Lets `burst` through at once and one more each `refillMs`. */
export class TokenBucket {
  readonly #burst: number;
  readonly #refillMs: number;
  #tokens: number;
  #countedAtMs: number;

  constructor(options: { readonly burst: number; readonly refillMs: number; readonly nowMs: number }) {
    this.#burst = options.burst;
    this.#refillMs = options.refillMs;
    this.#tokens = options.burst;
    this.#countedAtMs = options.nowMs;
  }

  /** Takes a token and returns 0, or returns in how many milliseconds there will be one. */
  take(nowMs: number): number {
    const refilled = Math.floor((nowMs - this.#countedAtMs) / this.#refillMs);
    this.#tokens = Math.min(this.#burst, this.#tokens + refilled);
    this.#countedAtMs += refilled * this.#refillMs;
    if (this.#tokens > 0) {
      this.#tokens -= 1;
      return 0;
    }
    return this.#refillMs - (nowMs - this.#countedAtMs);
  }
}
