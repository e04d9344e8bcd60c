import type { Health, UnitName } from "@quarterdeck/model";
import type { HealthCheck } from "@quarterdeck/units";
import type { Clock } from "../ports.ts";
import { deriveHealth, PROBE_EVERY_MS, UNASKED, type HealthMemory } from "./derive-health.ts";
import type { Probe } from "./probe.ts";

/** An active unit that has a check. Another `invocationId` is another start, and its health begins anew. */
export type CheckedUnit = { readonly check: HealthCheck; readonly invocationId: string };

export type UnitHealth = { readonly health: Health; readonly detail: string };

type Watch = { readonly key: string; readonly stop: AbortController; memory: HealthMemory };

/** Asks every active unit that has a check, each in a loop of its own. */
export class HealthMonitor implements Disposable {
  readonly #probe: Probe;
  readonly #clock: Clock;
  readonly #onChange: (unit: UnitName) => void;
  readonly #watches = new Map<UnitName, Watch>();

  constructor(options: { readonly probe: Probe; readonly clock: Clock; readonly onChange: (unit: UnitName) => void }) {
    this.#probe = options.probe;
    this.#clock = options.clock;
    this.#onChange = options.onChange;
  }

  /** From now on exactly these units are asked. */
  watch(units: ReadonlyMap<UnitName, CheckedUnit>): void {
    for (const [unit, watch] of this.#watches) {
      const wanted = units.get(unit);
      if (wanted !== undefined && keyOf(wanted) === watch.key) continue;
      watch.stop.abort();
      this.#watches.delete(unit);
    }
    for (const [unit, wanted] of units) {
      if (this.#watches.has(unit)) continue;
      const watch: Watch = { key: keyOf(wanted), stop: new AbortController(), memory: UNASKED };
      this.#watches.set(unit, watch);
      void this.#ask(unit, wanted.check, watch);
    }
  }

  /** `unknown` for a unit that is not being asked. */
  of(unit: UnitName): UnitHealth {
    const { health, detail } = this.#watches.get(unit)?.memory ?? UNASKED;
    return { health, detail };
  }

  [Symbol.dispose](): void {
    this.watch(new Map());
  }

  async #ask(unit: UnitName, check: HealthCheck, watch: Watch): Promise<void> {
    const { signal } = watch.stop;
    while (!signal.aborted) {
      try {
        const before = watch.memory;
        watch.memory = deriveHealth(before, await this.#probe(check, signal));
        if (watch.memory.health !== before.health || watch.memory.detail !== before.detail) this.#onChange(unit);
        const calm = watch.memory.health === "passing" && watch.memory.failures === 0;
        await this.#clock.wait(calm ? PROBE_EVERY_MS.passing : PROBE_EVERY_MS.otherwise, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

const keyOf = (unit: CheckedUnit): string => JSON.stringify([unit.check, unit.invocationId]);
