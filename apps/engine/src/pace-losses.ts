import { ranges, type Snapshot } from "@quarterdeck/etcd";

export type LossPace = {
  /** How many more machines may be declared lost now. */
  readonly lossBudget: number;
  /** When there may be more, in milliseconds since the epoch; `null` while there is any. */
  readonly freeAt: number | null;
};

/**
 * At most one in twenty machines, and at least one, is declared lost in any `intervalMs`, so that a fault of ours that makes machines look
 * dead is seen before it has emptied the cluster. Counted from what is written down, so that it holds over a change of leader.
 * @see architecture.md §4 rule 4
 */
export function paceLosses(view: Snapshot, now: number, intervalMs: number): LossPace {
  const machines = view.list(ranges.machines);
  const recent = machines
    .flatMap(({ value }) => (value.lostAt === null ? [] : [Date.parse(value.lostAt)]))
    .filter((at) => now - at < intervalMs)
    .toSorted((left, right) => left - right);
  const most = Math.max(1, Math.floor(machines.length / 20));
  const lossBudget = Math.max(0, most - recent.length);
  return { lossBudget, freeAt: lossBudget > 0 ? null : (recent.at(-most) ?? now) + intervalMs };
}
