import { keys, modRevisionIs, ranges, remove, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import type { Relocation, Sha256, UnitName } from "@quarterdeck/model";
import { selectHistory } from "./select-history.ts";

const HOUR_MS = 3_600_000;
const REQUEST_KEPT_MS = 24 * HOUR_MS;
const RELOCATION_KEPT_MS = 24 * HOUR_MS;
const FILE_KEPT_MS = HOUR_MS;
/** Keys of one transaction; the rest waits for the next pass. */
const BATCH = 32;

export type GarbageClock = {
  readonly now: number;
  readonly elapsed: number;
  /** Since when each unit file has been referenced by nothing, as this leader saw it; carried from one look to the next. */
  readonly unreferencedSince: ReadonlyMap<Sha256, number>;
};

export type GarbagePlan = {
  readonly transaction: Transaction | null;
  readonly unreferencedSince: ReadonlyMap<Sha256, number>;
};

/**
 * What nobody needs any more: requests, drains and rebalances a day after their end, unit files an hour after their last use, memory of destroyed units,
 * old releases and rollouts.
 */
export function planGarbage(view: Snapshot, { now, elapsed, unreferencedSince }: GarbageClock): GarbagePlan {
  const used = usedFiles(view);
  const unused = view.list(ranges.unitFiles).filter(({ names }) => !used.has(names[0] as Sha256));
  const since = new Map(
    unused.map(({ names }) => [names[0] as Sha256, unreferencedSince.get(names[0] as Sha256) ?? elapsed]),
  );
  const files = unused.filter(({ names }) => elapsed - (since.get(names[0] as Sha256) ?? elapsed) >= FILE_KEPT_MS);
  const requests = view
    .list(ranges.requests)
    .filter(({ value }) => value.outcome !== null && now - Date.parse(value.outcome.at) >= REQUEST_KEPT_MS);
  const statuses = view.list(ranges.statuses).filter(({ names }) => view.get(keys.unit(names[0] as UnitName)) === null);
  const relocations = view.list(ranges.relocations).filter((entry) => isForgotten(view, entry.value, now));
  const history = selectHistory(view);
  const doomed = [...statuses, ...requests, ...relocations, ...history.rollouts, ...history.releases, ...files].slice(
    0,
    BATCH,
  );
  if (doomed.length === 0) return { transaction: null, unreferencedSince: since };
  return {
    transaction: { when: doomed.map((entry) => modRevisionIs(entry)), then: doomed.map((entry) => remove(entry)) },
    unreferencedSince: since,
  };
}

/** A drain is kept as long as its machine takes no units: it says what became of them. */
function isForgotten(view: Snapshot, { kind, machine, endedAt }: Relocation, now: number): boolean {
  if (endedAt === null || now - Date.parse(endedAt) < RELOCATION_KEPT_MS) return false;
  return kind !== "drain" || machine === null || view.get(keys.machine(machine))?.value.cordoned !== true;
}

function usedFiles(view: Snapshot): ReadonlySet<Sha256> {
  return new Set([
    ...view.list(ranges.units).map(({ value }) => value.hash),
    ...view.list(ranges.schedules).map(({ value }) => value.hash),
    ...view.list(ranges.services).map(({ value }) => value.hash),
    ...view.list(ranges.releases).map(({ value }) => value.hash),
  ]);
}
