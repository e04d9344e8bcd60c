import type { UnitName } from "@quarterdeck/model";
import type { UnitManager, UnitProperties } from "./ports.ts";

type Known = { properties: UnitProperties | null; epoch: number };

/** What is known of the units, asked again only after the service manager said that something changed: an idle machine is not polled. */
export class Observations {
  readonly #manager: UnitManager;
  readonly #onChange: () => void;
  readonly #units = new Map<UnitName, Known>();

  constructor(manager: UnitManager, onChange: () => void) {
    this.#manager = manager;
    this.#onChange = onChange;
  }

  async of(units: ReadonlySet<UnitName>, signal: AbortSignal): Promise<ReadonlyMap<UnitName, UnitProperties>> {
    const observed = new Map<UnitName, UnitProperties>();
    for (const unit of units) observed.set(unit, await this.#ask(unit, signal));
    return observed;
  }

  /** To be asked again. */
  forget(unit: UnitName): void {
    const known = this.#units.get(unit);
    if (known === undefined) return;
    known.properties = null;
    known.epoch += 1;
  }

  forgetAll(): void {
    for (const unit of this.#units.keys()) this.forget(unit);
  }

  /** From now on only these units matter. */
  keepOnly(units: ReadonlySet<UnitName>): void {
    for (const unit of this.#units.keys()) if (!units.has(unit)) this.#units.delete(unit);
  }

  /** Forgets what changed, and says so when the unit matters, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    for await (const change of this.#manager.changes(signal)) {
      if (change.all) this.forgetAll();
      const concerned = [...change.units].filter((name) => this.#units.has(name as UnitName));
      for (const name of concerned) this.forget(name as UnitName);
      if (change.all || concerned.length > 0) this.#onChange();
    }
  }

  async #ask(unit: UnitName, signal: AbortSignal): Promise<UnitProperties> {
    let known = this.#units.get(unit);
    if (known === undefined) this.#units.set(unit, (known = { properties: null, epoch: 0 }));
    if (known.properties !== null) return known.properties;
    const { epoch } = known;
    const properties = await this.#manager.properties(unit, signal);
    // A change that came while the answer was under way makes the answer old.
    if (known.epoch === epoch) known.properties = properties;
    return properties;
  }
}
