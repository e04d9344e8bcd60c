import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyRoles, connectEtcd, keys, put, submitRequest } from "@quarterdeck/etcd";
import { startSecureEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Policy, Principal, Request, RequestId, Timestamp, UnitName } from "@quarterdeck/model";
import { profiles } from "@quarterdeck/pki";
import { machineAt, unitAt, writeAll, writeUnits } from "../cluster-facts.ts";
import { readProcessFigures, type ProcessFigures } from "../process-figures.ts";
import { MOST_OWN, startCrowd, type Crowd } from "./crowd.ts";
import { startEngineProcess } from "./start-engine-process.ts";
import { watchCluster, type ClusterWatch } from "./watch-cluster.ts";

export type AgentsSize = { readonly agents: number; readonly units: number };

export type AgentsMeasured = AgentsSize & {
  /** Agents that share connections with others, as a user who may more than they. */
  readonly sharing: number;
  /** From the beginning of the engine's term until every unit was reported active. */
  readonly placeAllMs: number;
  /** The engine's, in that time. */
  readonly engineCpuMs: number;
  readonly engine: ProcessFigures;
  readonly etcd: ProcessFigures;
  /** What one `stop` of one unit woke: watches of schedules, of all agents, and writes of the unit's state. */
  readonly change: { readonly ms: number; readonly watchesTold: number; readonly statesWritten: number };
  /** From when a machine's presence was gone until all of its units were reported active elsewhere. */
  readonly loss: { readonly ms: number; readonly units: number; readonly startsElsewhere: number };
  /** Units that do not run exactly once at the end; none, one hopes. */
  readonly misplaced: readonly UnitName[];
};

const PREFIX = "/quarterdeck/";
const OPERATOR = "operator:bench" as Principal;
const everything: Policy = { v: 1, rules: [{ subjects: ["operator:*"], verbs: ["*"] }] };

export type AgentsGround = {
  /** Below it etcd's data lies, with fsync; `null` for an etcd in haste, in a temporary place. */
  readonly directory: string | null;
  readonly ttlSeconds: number;
  readonly progress: (what: string) => void;
};

/** A real etcd with access control, a real engine in a process of its own, and simulated machines in this one. */
export async function measureAgents(
  { agents, units }: AgentsSize,
  { directory, ttlSeconds, progress }: AgentsGround,
  signal: AbortSignal,
): Promise<AgentsMeasured> {
  await using stack = new AsyncDisposableStack();
  const disks = await mkdtemp(join(tmpdir(), "quarterdeck-machines-"));
  stack.defer(() => rm(disks, { recursive: true, force: true }));
  const secure = await startSecureEtcd("127.0.0.1", directory ?? undefined);
  const { server } = stack.use({
    server: secure.server,
    [Symbol.asyncDispose]: () => secure.server[Symbol.asyncDispose](),
  });
  const endpoints = [server.url];
  const own = Array.from({ length: Math.min(agents, MOST_OWN) }, (_, index) => machineAt(index));
  progress(`making ${own.length} users in etcd`);
  await applyRoles(
    { endpoints, tls: await secure.issue(profiles.root()) },
    { machines: own, operators: ["bench"], prefix: PREFIX },
    signal,
  );
  const tls = await secure.issue(profiles.engine());
  const client = stack.use(await connectEtcd({ endpoints, tls, prefix: PREFIX, callTimeoutMs: 60_000 }, signal));
  await writeAll(client, [put(keys.policy(), everything)], signal);
  progress(`writing ${units} units`);
  await writeUnits(client, units, signal);
  const watch = stack.use(await watchCluster(client, signal));
  progress(`starting ${agents} agents`);
  const issue = (index: number) => secure.issue(profiles.machine(machineAt(index), { ips: ["127.0.0.1"] }));
  const crowd = stack.use(
    await startCrowd({ agents, endpoints, prefix: PREFIX, ttlSeconds, directory: disks, issue, shared: tls }, signal),
  );
  await watch.until(() => watch.present.size === agents);

  progress(`placing ${units} units on ${agents} machines`);
  const engine = stack.use(await startEngineProcess({ endpoints, tls, prefix: PREFIX, ttlSeconds }));
  const before = await readProcessFigures(engine.pid);
  const began = performance.now();
  await watch.until(() => runningUnits(watch) === units);
  const placeAllMs = performance.now() - began;
  const after = await readProcessFigures(engine.pid);
  const etcd = await readProcessFigures(server.pid ?? 0);
  const change = await measureChange({ crowd, watch, client }, signal);
  progress(`losing one machine of ${agents}`);
  const loss = await measureLoss({ crowd, watch, units });
  return {
    agents,
    units,
    sharing: Math.max(0, agents - MOST_OWN),
    placeAllMs,
    engineCpuMs: after.cpuMs - before.cpuMs,
    engine: await readProcessFigures(engine.pid),
    etcd,
    change,
    loss,
    misplaced: await findMisplaced(crowd, { units, lost: 0, stopped: unitAt(0) }, signal),
  };
}

type Scene = { readonly crowd: Crowd; readonly watch: ClusterWatch };

const runningUnits = ({ active }: ClusterWatch): number =>
  active.values().reduce((count, machines) => count + (machines.size > 0 ? 1 : 0), 0);

/** Stops the first unit by a request, as a person would. */
async function measureChange(
  { crowd, watch, client }: Scene & { readonly client: Parameters<typeof submitRequest>[0] },
  signal: AbortSignal,
): Promise<AgentsMeasured["change"]> {
  const told = () => crowd.agents.reduce((sum, { scheduleChanges }) => sum + scheduleChanges, 0);
  const unit = unitAt(0);
  const written = () => watch.stateWrites.get(unit) ?? 0;
  const [toldBefore, writtenBefore] = [told(), written()];
  const began = performance.now();
  await submitRequest(client, stopRequest(unit), signal);
  await watch.until(() => watch.active.get(unit)?.size === 0);
  const ms = performance.now() - began;
  return { ms, watchesTold: told() - toldBefore, statesWritten: written() - writtenBefore };
}

function stopRequest(unit: UnitName): Request {
  return {
    v: 1,
    id: "stop-one-unit" as RequestId,
    actor: { principal: OPERATOR, slack: null },
    action: { verb: "stop", units: [unit] },
    why: "",
    submittedAt: new Date().toISOString() as Timestamp,
    outcome: null,
  };
}

async function measureLoss({
  crowd,
  watch,
  units,
}: Scene & { readonly units: number }): Promise<AgentsMeasured["loss"]> {
  const lost = machineAt(0);
  const theirs = Array.from({ length: units }, (_, index) => unitAt(index)).filter((unit) =>
    watch.active.get(unit)?.has(lost),
  );
  const starts = () => crowd.agents.reduce((sum, { counts }) => sum + counts.acts.start + counts.acts.restart, 0);
  const startsBefore = starts();
  await crowd.kill(0);
  await watch.until(() => !watch.present.has(lost));
  const began = performance.now();
  const isElsewhere = (machines: ReadonlySet<MachineId> | undefined): boolean =>
    machines !== undefined && [...machines].some((machine) => machine !== lost);
  await watch.until(() => theirs.every((unit) => isElsewhere(watch.active.get(unit))));
  return { ms: performance.now() - began, units: theirs.length, startsElsewhere: starts() - startsBefore };
}

type Expected = { readonly units: number; readonly lost: number; readonly stopped: UnitName };

/** Asks the machines themselves, not what they reported. */
async function findMisplaced(
  { agents }: Crowd,
  { units, lost, stopped }: Expected,
  signal: AbortSignal,
): Promise<readonly UnitName[]> {
  const copies = new Map<string, number>();
  for (const [index, { manager }] of agents.entries()) {
    if (index === lost) continue;
    const started = new Set(
      manager.calls.flatMap((call) => (call.startsWith("start ") ? [call.slice(6) as UnitName] : [])),
    );
    for (const unit of started)
      if ((await manager.properties(unit)).active === "active") copies.set(unit, (copies.get(unit) ?? 0) + 1);
    signal.throwIfAborted();
  }
  return Array.from({ length: units }, (_, index) => unitAt(index)).filter(
    (unit) => (copies.get(unit) ?? 0) !== (unit === stopped ? 0 : 1),
  );
}
