import { connectEtcd, keys, ranges, versionWarnings, type EtcdClient, type Mirror } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import type { Say } from "./progress.ts";
import { viewUnits, type UnitView } from "./unit-view.ts";
import { until } from "./until.ts";

export type ClusterAccess = {
  readonly endpoints: readonly string[];
  readonly prefix: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
};

/** The cluster as etcd has it, held in memory: who has joined and what runs where. */
export type ClusterWatch = AsyncDisposable & {
  /** Waits until a machine's agent is present that started after `since`; false when none is after `forMs`. */
  awaitPresence(machine: MachineId, since: Date, forMs: number, signal: AbortSignal): Promise<boolean>;
  units(): readonly UnitView[];
  /** Yields what {@link units} says, at once and whenever it may have changed. */
  followUnits(signal: AbortSignal): AsyncIterable<readonly UnitView[]>;
};

/** Needs a quorum to start; afterwards it outlives the loss of one. Says what is known to be wrong with the etcd that it finds. */
export async function watchCluster(access: ClusterAccess, say: Say, signal: AbortSignal): Promise<ClusterWatch> {
  const client: EtcdClient = await connectEtcd(access, signal);
  const stop = new AbortController();
  let mirror: Mirror;
  try {
    mirror = await client.mirror(
      [ranges.presences.path, ranges.units.path, ranges.statuses.path],
      AbortSignal.any([signal, stop.signal]),
    );
    for (const warning of await versionWarnings(client, signal)) say(`WARNING: ${warning}`);
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
  const units = (): readonly UnitView[] =>
    viewUnits({
      units: mirror.list(ranges.units),
      statuses: mirror.list(ranges.statuses),
      states: mirror.list(ranges.states),
      presences: mirror.list(ranges.presences),
    });
  return {
    units,
    awaitPresence: (machine, since, forMs, waitSignal) =>
      until(
        async () => startedAfter(mirror.get(keys.presence(machine))?.value.startedAt, since),
        { everyMs: 50, forMs },
        waitSignal,
      ),
    async *followUnits(followSignal) {
      for await (const _ of mirror.changes(AbortSignal.any([followSignal, stop.signal]))) yield units();
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await mirror[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Machines and host share one clock. */
function startedAfter(startedAt: string | undefined, since: Date): boolean {
  return startedAt !== undefined && new Date(startedAt) >= since;
}
