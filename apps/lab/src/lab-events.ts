import type { MachineView } from "./machine-view.ts";
import type { UnitView } from "./unit-view.ts";

export type LabEvent =
  | { readonly type: "machines"; readonly machines: readonly MachineView[] }
  | { readonly type: "units"; readonly units: readonly UnitView[] }
  | { readonly type: "log"; readonly line: string };

/** Hands events to everybody who listens; a listener that is slow keeps its own queue. */
export class LabEvents {
  readonly #listeners = new Set<(event: LabEvent) => void>();
  /** The last of the kinds that say how things are, by type. */
  readonly #current = new Map<LabEvent["type"], LabEvent>();

  publish(event: LabEvent): void {
    if (event.type !== "log") {
      if (JSON.stringify(this.#current.get(event.type)) === JSON.stringify(event)) return;
      this.#current.set(event.type, event);
    }
    for (const listener of this.#listeners) listener(event);
  }

  /** How things are, then every event from now on, until aborted. */
  async *follow(signal: AbortSignal): AsyncIterable<LabEvent> {
    const queue: LabEvent[] = [...this.#current.values()];
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
