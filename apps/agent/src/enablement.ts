import type { Sha256, UnitName } from "@quarterdeck/model";
import type { UnitManager } from "./ports.ts";
import { installOf } from "./unit-definition.ts";

/**
 * Keeps `[Install]` true, as fleet did: a unit is enabled, until the next boot, as long as its file is here, so that what its service wants starts and
 * stops with it. Each file is enabled once an agent process; doing it again changes nothing.
 */
export class Enablement {
  readonly #manager: UnitManager;
  readonly #enabled = new Map<UnitName, Sha256>();

  constructor(manager: UnitManager) {
    this.#manager = manager;
  }

  /** Before a file is replaced: what its old `[Install]` said must not stay when the new one does not say it. */
  async prepare(
    unit: UnitName,
    { old, text }: { readonly old: string; readonly text: string },
    signal: AbortSignal,
  ): Promise<void> {
    if (installOf(old) === null || installOf(old) === installOf(text)) return;
    await this.#manager.disable(unit, signal);
  }

  /** After it is written. Returns whether systemd has to read again what it holds of a unit that this one is now a dependency of. */
  async enable(
    unit: UnitName,
    { text, hash }: { readonly text: string; readonly hash: Sha256 },
    signal: AbortSignal,
  ): Promise<boolean> {
    if (this.#enabled.get(unit) === hash) return false;
    const wanters = installOf(text) === null ? [] : await this.#manager.enable(unit, signal);
    this.#enabled.set(unit, hash);
    for (const wanter of wanters) if (await this.#holdsOld(wanter, signal)) return true;
    return false;
  }

  /** From now on only these units are here. */
  keepOnly(units: { readonly has: (unit: UnitName) => boolean }): void {
    for (const unit of this.#enabled.keys()) if (!units.has(unit)) this.#enabled.delete(unit);
  }

  /** A unit that is down is read anew when it starts; a target that was reached starts nothing more, and most units are wanted by one. */
  async #holdsOld(wanter: UnitName, signal: AbortSignal): Promise<boolean> {
    if (wanter.endsWith(".target")) return false;
    return (await this.#manager.properties(wanter, signal)).active !== "inactive";
  }
}
