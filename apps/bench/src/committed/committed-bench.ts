import { openBenchGround } from "../bench-ground.ts";
import { groundOf } from "../etcd/ground.ts";
import { createProgress } from "../progress.ts";
import type { Report } from "../report.ts";
import { measureCommitted, type Committed } from "./measure-committed.ts";

const MACHINES = 1_000;
const MEMBERS = 3;
const SIZES = [1_250, 2_500, 5_000, 10_000, 20_000] as const;
/** Placements a second. */
const AIM = 5_000;

/**
 * What the engine's schedule stage commits in a second, at growing sizes.
 * @throws {CodedError} NOT_FOUND where there is no etcd
 */
export async function benchCommitted(signal: AbortSignal): Promise<Report> {
  const progress = createProgress();
  await using bench = await openBenchGround();
  const rows: Committed[] = [];
  // The first one of a process pays for the compiler.
  await measureCommitted({ machines: 10, units: 1_250, members: 1 }, bench.directory, signal);
  for (const units of SIZES) {
    progress(`committing ${units} placements before ${MACHINES} watchers`);
    rows.push(await measureCommitted({ machines: MACHINES, units, members: MEMBERS }, bench.directory, signal));
  }
  const ground = await groundOf(bench.binaries, bench.directory);
  const found = rows.map((row) => ({ ...row, perSecond: Math.round((row.units / row.commitMs) * 1000) }));
  return { text: render(found, ground.inMemory), json: { ground, rows: found } };
}

type Row = Committed & { readonly perSecond: number };

function render(rows: readonly Row[], inMemory: boolean): string {
  const first = rows[0];
  const line = (row: Row): string => {
    const each = row.allSeenMs / row.units;
    const ratio = first === undefined ? 1 : each / (first.allSeenMs / first.units);
    return (
      `${String(row.units).padStart(6)}${String(row.transactions).padStart(7)}${row.commitMs.toFixed(0).padStart(11)}` +
      `${String(row.perSecond).padStart(8)}${row.allSeenMs.toFixed(0).padStart(12)}${(row.cpuMs / row.units).toFixed(3).padStart(13)} (x${ratio.toFixed(2)})`
    );
  };
  const best = Math.max(...rows.map(({ perSecond }) => perSecond));
  return [
    `Placements committed by the engine's schedule stage, ${MEMBERS} members of etcd, ${inMemory ? "in memory" : "on disk with fsync"},`,
    `${MACHINES} watchers, each of its machine's schedule; CPU is the leader's and the watchers'`,
    " units   txns   commit ms   per s  all seen ms  CPU ms a unit (all seen a unit against the first)",
    ...rows.map(line),
    best >= AIM ? `At least ${AIM} a second: ${best} at best.` : `Fewer than ${AIM} a second: ${best} at best.`,
    "",
  ].join("\n");
}
