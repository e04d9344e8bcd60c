/** What can be made to go wrong, each for a number of times. */
export const FAULT_KINDS = [
  "duplicate",
  "delay",
  "drop-ack",
  "disconnect",
  "refresh",
  "rate-limit",
  "server-error",
  "revoke-token",
  "expire-triggers",
  "reorder",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Faults waiting for their occasion. `disconnect` and `refresh` do not wait: they happen when asked for. */
export class Faults {
  readonly #armed = new Map<FaultKind, { left: number; ms: number }>();

  /** The next `count` occasions go wrong; 0 calls the fault off. A second call replaces the first. */
  arm(kind: FaultKind, count: number, ms: number): void {
    if (count === 0) this.#armed.delete(kind);
    else this.#armed.set(kind, { left: count, ms });
  }

  /** Uses up one occasion; undefined when nothing is to go wrong. */
  take(kind: FaultKind): { readonly ms: number } | undefined {
    const fault = this.#armed.get(kind);
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left <= 0) this.#armed.delete(kind);
    return { ms: fault.ms };
  }

  get armed(): readonly { readonly kind: FaultKind; readonly count: number; readonly ms: number }[] {
    return [...this.#armed].map(([kind, { left, ms }]) => ({ kind, count: left, ms }));
  }
}
