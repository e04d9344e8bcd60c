import type { UnitName } from "@quarterdeck/model";
import type { UnitManager, UnitNews, UnitProperties } from "./ports.ts";

type Known = { properties: UnitProperties | null; epoch: number };

/**
 * What is known of the units: asked once, then kept true by what the service manager tells of its own accord, and asked again where that does not say
 * how things are now. An idle machine is not polled, and a busy one is not asked for what it has said.
 */
export class Observations {
  readonly #manager: UnitManager;
  readonly #onChange: (units: readonly UnitName[] | "all") => void;
  readonly #units = new Map<UnitName, Known>();

  constructor(manager: UnitManager, onChange: (units: readonly UnitName[] | "all") => void) {
    this.#manager = manager;
    this.#onChange = onChange;
  }

  async of(units: ReadonlySet<UnitName>, signal: AbortSignal): Promise<ReadonlyMap<UnitName, UnitProperties>> {
    const asked = [...units].map(async (unit) => [unit, await this.#ask(unit, signal)] as const);
    return new Map(await Promise.all(asked));
  }

  /** What the unit is by our own doing, until the service manager says otherwise. */
  suppose(unit: UnitName, properties: UnitProperties): void {
    this.forget(unit);
    const known = this.#units.get(unit);
    if (known !== undefined) known.properties = properties;
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

  /** Takes over what changed, and says so when the unit matters, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    for await (const change of this.#manager.changes(signal)) {
      if (change.all) this.forgetAll();
      const concerned: UnitName[] = [];
      for (const [name, news] of change.units)
        if (this.#learn(name as UnitName, news)) concerned.push(name as UnitName);
      if (change.all) this.#onChange("all");
      else if (concerned.length > 0) this.#onChange(concerned);
    }
  }

  /**
   * News may be a moment older than an answer that overtook them here; then what made the answer other is already on its way as news, too. What has
   * not been asked yet, or is being asked, stays to be asked. So does what was not loaded: news do not say which file it comes from now. Returns whether the unit matters.
   */
  #learn(unit: UnitName, news: UnitNews): boolean {
    const known = this.#units.get(unit);
    if (known === undefined) return false;
    known.epoch += 1;
    const { properties } = known;
    known.properties = properties?.load !== "loaded" || news === null ? null : { ...properties, ...news };
    return true;
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
