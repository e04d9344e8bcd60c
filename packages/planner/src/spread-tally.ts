import { templateOf, type MachineId, type UnitName } from "@quarterdeck/model";
import type { ClusterView, UnitView } from "./cluster-view.ts";

/** How the units of each template that have `Spread=` lie over the values of their metadata key. */
export type SpreadTally = {
  /** A live copy came (1) or went (-1); units without `Spread=` are not counted. */
  count(machine: MachineId, unit: UnitName, change: 1 | -1): void;
  /** How many of the unit's like are on machines with this machine's value of the key; 0 for a unit without `Spread=`. */
  likeAt(machine: MachineId, unit: UnitView): number;
};

export function createSpreadTally(view: Pick<ClusterView, "machines" | "units">): SpreadTally {
  const tallies = new Map<string, Map<string, number>>();
  const isUsed = [...view.units.values()].some(({ options }) => options.spread !== null);
  return {
    count(machine, name, change) {
      if (!isUsed) return;
      const unit = view.units.get(name);
      const key = unit?.options.spread ?? null;
      if (unit === undefined || key === null) return;
      const like = likeOf(unit);
      const tally = tallies.get(like) ?? new Map<string, number>();
      const value = spreadValue(view, machine, key);
      tallies.set(like, tally.set(value, (tally.get(value) ?? 0) + change));
    },
    likeAt(machine, unit) {
      const key = unit.options.spread;
      return key === null ? 0 : (tallies.get(likeOf(unit))?.get(spreadValue(view, machine, key)) ?? 0);
    },
  };
}

/** The value that a machine counts under; those without the key count as one value together. */
export function spreadValue({ machines }: Pick<ClusterView, "machines">, machine: MachineId, key: string): string {
  const metadata = machines.get(machine)?.metadata;
  return metadata !== undefined && Object.hasOwn(metadata, key) ? (metadata[key] ?? "") : "";
}

/** Instances of one template with one key are spread together. */
function likeOf({ name, options }: UnitView): string {
  return `${templateOf(name) ?? name} ${options.spread ?? ""}`;
}
