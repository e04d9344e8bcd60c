import type { Ids } from "../workspace/ids.ts";

/** Slack's WebSocket URLs are to be used at once. */
const LIFE_MS = 30_000;

/** Single-use permissions to open a socket, given out by apps.connections.open. */
export class Tickets {
  readonly #expiries = new Map<string, number>();
  readonly #ids: Ids;
  readonly #now: () => number;

  constructor(ids: Ids, now: () => number) {
    this.#ids = ids;
    this.#now = now;
  }

  issue(): string {
    const ticket = this.#ids.secret("t");
    this.#expiries.set(ticket, this.#now() + LIFE_MS);
    return ticket;
  }

  /** True once for each ticket, while it is fresh. */
  redeem(ticket: string): boolean {
    const expiry = this.#expiries.get(ticket);
    this.#expiries.delete(ticket);
    return expiry !== undefined && this.#now() <= expiry;
  }
}
