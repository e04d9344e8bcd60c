import type { Health, MachineId, Sha256, UnitName } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { isOutdated } from "../facts/is-outdated.ts";
import { addressOf } from "../facts/machine-words.ts";

/** A row of `list-units`, and its JSON: one copy of a unit on one machine. */
export type UnitRow = {
  readonly unit: UnitName;
  readonly machine: MachineId;
  readonly ip: string;
  /** systemd's word, or `lost` while nobody can ask the machine. */
  readonly active: string;
  readonly sub: string | null;
  readonly load: string | null;
  readonly hash: Sha256 | null;
  /** What runs is older than the template of the instance; missing where it is not. */
  readonly outdated?: true;
  /** `null`: the unit has no check, or nobody can ask. */
  readonly health: Exclude<Health, "none"> | null;
};

/**
 * What the agents say, never what should be: a global unit has a row a machine, a unit that moved away from a lost machine has a second
 * row that says `lost`, and a unit that no entry names (an orphan) is shown too. By unit, then by machine.
 */
export function deriveUnitRows(facts: Facts): readonly UnitRow[] {
  return facts.states
    .map(({ machine, unit, value }): UnitRow => {
      const at = facts.machines.get(machine);
      const known = at !== undefined && at.presence !== null;
      return {
        unit,
        machine,
        ip: at === undefined ? "" : addressOf(at),
        active: known ? value.active : "lost",
        sub: known ? value.sub : null,
        load: known ? value.load : null,
        hash: value.hash,
        ...(isOutdated(facts, unit, value.hash) ? { outdated: true as const } : {}),
        health: known && value.health !== "none" ? value.health : null,
      };
    })
    .toSorted((a, b) => a.unit.localeCompare(b.unit, "en", { numeric: true }) || (a.machine < b.machine ? -1 : 1));
}
