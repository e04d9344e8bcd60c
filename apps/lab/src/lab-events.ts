import type { MachineView } from "./machine-view.ts";

export type LabEvent = { readonly type: "machines"; readonly machines: readonly MachineView[] } | { readonly type: "units"; readonly units: readonly unknown[] } | { readonly type: "log"; readonly line: string };

/** Hands events to everybody who listens; a listener that is slow keeps its own queue. */
export class LabEvents {
  readonly #listeners = new Set<(event: LabEvent) => void>();

  publish(event: LabEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Every event from now on, until aborted. */
  async *follow(signal: AbortSignal): AsyncIterable<LabEvent> {
    const queue: LabEvent[] = [];
    let wake = (): void => undefined;
    const listener = (event: LabEvent): void => {
      queue.push(event);
      wake();
    };
    const onAbort = (): void => wake();
    this.#listeners.add(listener);
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        const event = queue.shift();
        if (event !== undefined) yield event;
        else
          await new Promise<void>((done) => {
            wake = done;
          });
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", onAbort);
    }
  }
}
