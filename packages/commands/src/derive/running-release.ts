import type { Release, ServiceName, UnitName } from "@quarterdeck/model";
import { copiesOf } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";

/** What a service's replicas run: the release of most of them, and whether others run another one. */
export type RunningRelease = { readonly release: Release; readonly mixed: boolean };

/** The newer one of as many; the newest release that was made while nothing runs, and `null` before the first. */
export function runningRelease(facts: Facts, service: ServiceName): RunningRelease | null {
  const releases = facts.releases.get(service) ?? [];
  const counts = new Map<number, number>();
  for (const unit of replicasOf(facts, service)) {
    for (const { live, state } of copiesOf(facts, unit)) {
      if (!live || state?.active !== "active" || state.release === null) continue;
      counts.set(state.release, (counts.get(state.release) ?? 0) + 1);
    }
  }
  const most = [...counts].toSorted(([a, manyA], [b, manyB]) => manyB - manyA || b - a)[0]?.[0];
  const number = most ?? facts.services.get(service)?.release;
  const release = releases.find((one) => one.number === number);
  return release === undefined ? null : { release, mixed: counts.size > 1 };
}

/** The units that are replicas of a service, by index. */
export function replicasOf(facts: Facts, service: ServiceName): readonly UnitName[] {
  const found: { readonly unit: UnitName; readonly index: number }[] = [];
  for (const [unit, { value }] of facts.units) {
    if (value.origin.kind === "replica" && value.origin.service === service)
      found.push({ unit, index: value.origin.index });
  }
  return found.toSorted((a, b) => a.index - b.index).map(({ unit }) => unit);
}
