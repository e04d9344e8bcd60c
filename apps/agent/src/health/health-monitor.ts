import type { Health, HealthTiming, UnitName } from "@quarterdeck/model";
import { hurriedSeconds, type HealthCheck } from "@quarterdeck/units";
import type { Clock } from "../ports.ts";
import { deriveHealth, UNASKED, type HealthMemory } from "./derive-health.ts";
import type { Probe } from "./probe.ts";

/** What to ask, how often, and when to believe the answers. */
export type TimedCheck = { readonly check: HealthCheck; readonly timing: HealthTiming };

/** An active unit that has a check. Another `invocationId` is another start, and its health begins anew. */
export type CheckedUnit = TimedCheck & { readonly invocationId: string };

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
      void this.#ask(unit, wanted, watch);
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

  async #ask(unit: UnitName, { check, timing }: TimedCheck, watch: Watch): Promise<void> {
    const { signal } = watch.stop;
    const timeoutMs = timing.timeoutSeconds * 1000;
    while (!signal.aborted) {
      try {
        const before = watch.memory;
        watch.memory = deriveHealth(before, await this.#probe(check, timeoutMs, signal), timing);
        if (watch.memory.health !== before.health || watch.memory.detail !== before.detail) this.#onChange(unit);
        const calm = watch.memory.health === "passing" && watch.memory.failures === 0;
        await this.#clock.wait((calm ? timing.intervalSeconds : hurriedSeconds(timing)) * 1000, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}

const keyOf = (unit: CheckedUnit): string => JSON.stringify([unit.check, unit.timing, unit.invocationId]);
