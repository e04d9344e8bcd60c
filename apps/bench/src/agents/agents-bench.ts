import { openBenchGround } from "../bench-ground.ts";
import { groundOf } from "../etcd/ground.ts";
import { createProgress } from "../progress.ts";
import type { Report } from "../report.ts";
import { MOST_OWN } from "./crowd.ts";
import { measureAgents, type AgentsMeasured, type AgentsSize } from "./measure-agents.ts";

const TTL_SECONDS = 10;

/**
 * A quarter of the cluster, half of it, and all of it, so that a step that costs more at larger sizes shows.
 * @throws {CodedError} NOT_FOUND where there is no etcd
 */
export async function benchAgents({ agents, units }: AgentsSize, signal: AbortSignal): Promise<Report> {
  const progress = createProgress();
  await using bench = await openBenchGround();
  const rows: AgentsMeasured[] = [];
  for (const part of [4, 2, 1]) {
    const size = { agents: Math.max(2, Math.round(agents / part)), units: Math.max(1, Math.round(units / part)) };
    rows.push(await measureAgents(size, { directory: bench.directory, ttlSeconds: TTL_SECONDS, progress }, signal));
  }
  const ground = await groundOf(bench.binaries, bench.directory);
  return { text: renderAgents(rows), json: { ground, rows } };
}

/** For people; what is wrong with the placing is said last. */
export function renderAgents(rows: readonly AgentsMeasured[]): string {
  const first = rows[0];
  const line = (row: AgentsMeasured): string => {
    const cost = row.engineCpuMs / row.units;
    const ratio = first === undefined ? 1 : cost / (first.engineCpuMs / first.units);
    return [
      String(row.agents).padStart(6),
      String(row.units).padStart(8),
      row.placeAllMs.toFixed(0).padStart(9),
      `${cost.toFixed(2)} (x${ratio.toFixed(2)})`.padStart(15),
      row.engine.rssMiB.toFixed(0).padStart(8),
      row.etcd.rssMiB.toFixed(0).padStart(7),
      `${row.change.watchesTold}/${row.change.statesWritten} ${row.change.ms.toFixed(0)} ms`.padStart(12),
      `${row.loss.ms.toFixed(0)} ms/${row.loss.units}`.padStart(14),
    ].join("");
  };
  const sharing = Math.max(0, ...rows.map((row) => row.sharing));
  return [
    "Simulated agents on one etcd with fsync and access control, the engine in a process of its own",
    "agents   units  place ms  engine CPU ms/u  engine   etcd      change          loss",
    "                          (to the first)      MiB    MiB  watch/put     ms/units",
    ...rows.map(line),
    sharing === 0
      ? "Each agent had a connection and an etcd user of its own."
      : `${MOST_OWN} agents had a connection and an etcd user of their own; ${sharing} shared connections and a user who may more.`,
    "A loss is timed from when the presence was gone; the lease before it is not in it.",
    ...rows
      .filter(({ misplaced }) => misplaced.length > 0)
      .map(
        ({ agents, misplaced }) => `WRONG: with ${agents} agents ${misplaced.length} units do not run exactly once.`,
      ),
    "",
  ].join("\n");
}
