import type { UnitName, UnitTarget } from "@quarterdeck/model";

/** Four looks of a client that looks every 250 ms. */
const SHOWN_MS = 1000;
/** A client that has not looked by then has gone. */
const FORGOTTEN_MS = 10_000;

type Stop = { readonly atMs: number; shown: boolean };

/**
 * Units that this API was asked to stop a moment ago. `fleetctl restart` asks for `loaded`, then waits for `launched` before it asks for that: it counts
 * on seeing a stop late, as fleet's agents took a second to notice one. Where a stop takes 50 ms it would wait for ever.
 */
export class RecentStops {
  readonly #now: () => number;
  readonly #stops = new Map<UnitName, Stop>();

  /** @param now in milliseconds, never running backwards */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(unit: UnitName): void {
    const now = this.#now();
    for (const [other, stop] of this.#stops) if (now - stop.atMs > FORGOTTEN_MS) this.#stops.delete(other);
    this.#stops.set(unit, { atMs: now, shown: false });
  }

  /** Whether a start that comes now has to wait for the stop before it: the two must not become one. */
  has(unit: UnitName): boolean {
    return this.#stops.has(unit);
  }

  forget(unit: UnitName): void {
    this.#stops.delete(unit);
  }

  /** What one look at the unit shows: for a second, and until somebody has looked, it is still launched. */
  show(unit: UnitName, current: UnitTarget): UnitTarget {
    const stop = this.#stops.get(unit);
    if (stop === undefined || current !== "loaded") return current;
    const age = this.#now() - stop.atMs;
    if (age > FORGOTTEN_MS || (stop.shown && age >= SHOWN_MS)) return current;
    stop.shown = true;
    return "launched";
  }
}
