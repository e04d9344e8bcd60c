import { Bell } from "./bell.ts";

export type Wakeup = { readonly reset: boolean };

/** Tells any number of readers that something changed; what happens while a reader is busy becomes one wake-up. */
export class Wakeups {
  readonly #readers = new Set<Reader>();
  #end: { readonly error: unknown } | "ended" | null = null;

  wake(wakeup: Wakeup): void {
    for (const reader of this.#readers) {
      reader.pending = { reset: (reader.pending?.reset ?? false) || wakeup.reset };
      reader.bell.ring();
    }
  }

  /** Ends every reader's stream. */
  end(): void {
    this.#finish("ended");
  }

  /** Ends every reader's stream by throwing. */
  fail(error: unknown): void {
    this.#finish({ error });
  }

  /** Yields once at the start, then after every wake-up, until `signal` or the end. */
  async *listen(signal: AbortSignal): AsyncIterable<Wakeup> {
    const reader: Reader = { pending: { reset: false }, bell: new Bell() };
    this.#readers.add(reader);
    using _ = reader.bell.ringOnAbort(signal);
    try {
      while (!signal.aborted) {
        const { pending } = reader;
        if (pending !== null) {
          reader.pending = null;
          yield pending;
        } else if (this.#end === null) {
          await reader.bell.wait();
        } else if (this.#end === "ended") {
          return;
        } else {
          throw this.#end.error;
        }
      }
    } finally {
      this.#readers.delete(reader);
    }
  }

  #finish(end: { readonly error: unknown } | "ended"): void {
    this.#end ??= end;
    for (const reader of this.#readers) reader.bell.ring();
  }
}

type Reader = { pending: Wakeup | null; readonly bell: Bell };
