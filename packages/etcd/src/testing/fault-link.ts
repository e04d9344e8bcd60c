import type { Socket } from "node:net";

export type LinkFaults = {
  /** Each chunk waits so long, and up to `jitterMs` more; order is kept, as TCP keeps it. */
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSecond?: number;
  /** `drop`: what comes is lost for good. `hold`: it waits until the fault is gone, as TCP's repetitions would see to. */
  readonly blackhole?: "drop" | "hold";
};

type Chunk = { readonly bytes: Buffer | null; readonly dueAt: number };

/** One direction of a proxied connection: passes bytes on, late or slowly or not at all, and the end (FIN) after them. */
export class FaultLink {
  readonly #to: Socket;
  readonly #random: () => number;
  #faults: LinkFaults;
  /** Null is the end. */
  readonly #queue: Chunk[] = [];
  #lastDueAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #lost = false;
  #ended = false;

  constructor(from: Socket, to: Socket, options: { readonly faults: LinkFaults; readonly random: () => number }) {
    this.#to = to;
    this.#faults = options.faults;
    this.#random = options.random;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#take(null));
  }

  /** Whether bytes were thrown away. */
  get hasLost(): boolean {
    return this.#lost;
  }

  setFaults(faults: LinkFaults): void {
    this.#faults = faults;
    this.#pass();
  }

  /** FIN now: what waits before it is passed at once, what comes later is lost. */
  end(): void {
    if (this.#ended) return;
    for (const { bytes } of this.#queue.splice(0)) if (bytes !== null) this.#to.write(bytes);
    this.#ended = true;
    this.#to.end();
  }

  stop(): void {
    this.#ended = true;
    this.#queue.length = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #take(bytes: Buffer | null): void {
    if (this.#ended) return;
    const { delayMs = 0, jitterMs = 0, bytesPerSecond = Infinity, blackhole } = this.#faults;
    if (blackhole === "drop") {
      this.#lost = true;
      return;
    }
    const now = performance.now();
    const delayed = now + delayMs + jitterMs * (jitterMs === 0 ? 0 : this.#random());
    // Never before the chunk ahead of it, and as long after it as the narrow line needs for these bytes.
    this.#lastDueAt = Math.max(delayed, this.#lastDueAt) + ((bytes?.length ?? 0) / bytesPerSecond) * 1_000;
    this.#queue.push({ bytes, dueAt: this.#lastDueAt });
    this.#pass();
  }

  #pass(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#ended || this.#faults.blackhole === "hold") return;
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const waitMs = next.dueAt - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pass(), waitMs);
        return;
      }
      this.#queue.shift();
      if (next.bytes !== null) {
        this.#to.write(next.bytes);
        continue;
      }
      this.#ended = true;
      this.#to.end();
      return;
    }
  }
}
