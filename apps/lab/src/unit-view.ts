import type { Entry } from "@quarterdeck/etcd";
import type { Presence, Unit, UnitState, UnitStatus } from "@quarterdeck/model";

/** A unit as the page shows it; a unit on several machines (a global one) has a row for each. */
export type UnitView = {
  readonly unit: string;
  /** null while it is on none. */
  readonly machine: string | null;
  readonly active: string;
  readonly sub: string;
  readonly health: string;
  readonly image: string | null;
  readonly target: string;
};

export type ClusterEntries = {
  readonly units: readonly Entry<Unit>[];
  readonly statuses: readonly Entry<UnitStatus>[];
  readonly states: readonly Entry<UnitState>[];
  readonly presences: readonly Entry<Presence>[];
};

/** Joins what should be with what is; states of machines that are not present are not shown: they may be old. */
export function viewUnits({ units, statuses, states, presences }: ClusterEntries): readonly UnitView[] {
  const present = new Set(presences.map(({ names }) => names[0]));
  const placed = new Map(statuses.map(({ names, value }) => [names[0], value.machine]));
  return units.flatMap(({ names, value }): readonly UnitView[] => {
    const unit = names[0] ?? "";
    // A template is a file, not something that runs.
    if (/@\.[a-z]+$/.test(unit)) return [];
    const common = { unit, image: value.environment["IMAGE"] ?? null, target: value.target };
    const rows = states.filter((state) => state.names[1] === unit && present.has(state.names[0] ?? ""));
    if (rows.length === 0)
      return [{ ...common, machine: placed.get(unit) ?? null, active: "inactive", sub: "dead", health: "none" }];
    return rows.map((state) => ({
      ...common,
      machine: state.names[0] ?? null,
      active: state.value.active,
      sub: state.value.sub,
      health: state.value.health,
    }));
  });
}
