import { ranges, type Entry, type KeyRange, type Snapshot } from "@quarterdeck/etcd";
import { splitUnitName, type Release, type Rollout, type UnitName } from "@quarterdeck/model";

/** Of each service: releases, and rollouts that have ended. */
const KEPT = 10;
/** Releases that became healthy: what runs, and what a person goes back to. */
const GOOD_KEPT = 2;

/** Releases and ended rollouts that nobody needs any more. */
export type OldHistory = {
  readonly releases: readonly Entry<Release>[];
  readonly rollouts: readonly Entry<Rollout>[];
};

/**
 * Of each service the newest ten releases are kept and the newest ten rollouts that have ended; a release that a service, a unit, a schedule entry, a
 * machine's report or a running rollout names; and the last two that became healthy, with their rollouts, however many have failed since: the one
 * before what runs is what a person goes back to. While a value that may name a release cannot be read, nothing is old.
 */
export function selectHistory(view: Snapshot): OldHistory {
  if (NAMING.some((range) => view.unreadable(range).length > 0)) return { releases: [], rollouts: [] };
  const used = usedReleases(view);
  const rollouts = Map.groupBy(view.list(ranges.rollouts), ({ value }) => value.service);
  const releases = Map.groupBy(view.list(ranges.releases), ({ value }) => value.service);
  const old: { releases: Entry<Release>[]; rollouts: Entry<Rollout>[] } = { releases: [], rollouts: [] };
  for (const [service, found] of rollouts) {
    const ended = newestFirst(found.filter(({ value }) => value.state !== "running"));
    const good = goodRollouts(ended);
    for (const { value } of good) used.add(nameOf(service, value.release));
    old.rollouts.push(...ended.slice(KEPT).filter((entry) => !good.includes(entry)));
  }
  for (const found of releases.values()) {
    const older = found.toSorted((left, right) => right.value.number - left.value.number).slice(KEPT);
    old.releases.push(...older.filter(({ value }) => !used.has(nameOf(value.service, value.number))));
  }
  return old;
}

const NAMING: readonly KeyRange<unknown>[] = [
  ranges.units,
  ranges.schedules,
  ranges.states,
  ranges.services,
  ranges.rollouts,
];

const nameOf = (service: string, release: number): string => `${service}/${release}`;

function usedReleases(view: Snapshot): Set<string> {
  const used = new Set<string>();
  const use = (service: string, ...releases: readonly (number | null)[]): void => {
    for (const release of releases) if (release !== null) used.add(nameOf(service, release));
  };
  for (const { value } of view.list(ranges.services)) use(value.service, value.release);
  for (const { value } of view.list(ranges.units))
    if (value.origin.kind === "replica") use(value.origin.service, value.origin.release);
  for (const { names, value } of [...view.list(ranges.schedules), ...view.list(ranges.states)])
    use(splitUnitName(names[1] as UnitName).prefix, value.release);
  for (const { value } of view.list(ranges.rollouts))
    if (value.state === "running") use(value.service, value.release, value.previous);
  return used;
}

/** The newest rollout of each of the last two releases that became healthy. */
function goodRollouts(ended: readonly Entry<Rollout>[]): readonly Entry<Rollout>[] {
  const newest = new Map<number, Entry<Rollout>>();
  for (const entry of ended)
    if (entry.value.state === "done" && !newest.has(entry.value.release)) newest.set(entry.value.release, entry);
  return [...newest.values()].slice(0, GOOD_KEPT);
}

/** By creation, which no clock has a say in. */
function newestFirst(entries: readonly Entry<Rollout>[]): readonly Entry<Rollout>[] {
  return entries.toSorted((left, right) => (left.createRevision > right.createRevision ? -1 : 1));
}
