import { keys, type EtcdClient } from "@quarterdeck/etcd";
import type { MachineId, UnitName } from "@quarterdeck/model";

/** Who is present and what is reported active where, by what the agents wrote. */
export type ClusterWatch = AsyncDisposable & {
  readonly present: ReadonlySet<MachineId>;
  /** By unit, the machines that report it active. */
  readonly active: ReadonlyMap<UnitName, ReadonlySet<MachineId>>;
  /** By unit, how often a state of it was written. */
  readonly stateWrites: ReadonlyMap<UnitName, number>;
  /** Resolves as soon as `is` holds; looks again after every batch of changes. */
  until(is: () => boolean): Promise<void>;
};

const STATE = /^agents\/([0-9a-f]{32})\/states\/(.+)$/;
const PRESENCE = /^agents\/([0-9a-f]{32})\/presence$/;

/** Reads raw changes, for a benchmark must not be busy with decoding what it watches. */
export async function watchCluster(client: EtcdClient, signal: AbortSignal): Promise<ClusterWatch> {
  const over = new AbortController();
  const present = new Set<MachineId>();
  const active = new Map<UnitName, Set<MachineId>>();
  const stateWrites = new Map<UnitName, number>();
  const stands = Promise.withResolvers<void>();
  let wake = Promise.withResolvers<void>();
  const note = (path: string, json: string | null): void => {
    const presence = PRESENCE.exec(path)?.[1] as MachineId | undefined;
    if (presence !== undefined) {
      if (json === null) present.delete(presence);
      else present.add(presence);
      return;
    }
    const [, machine, unit] = (STATE.exec(path) ?? []) as [string?, MachineId?, UnitName?];
    if (machine === undefined || unit === undefined) return;
    stateWrites.set(unit, (stateWrites.get(unit) ?? 0) + 1);
    const where = active.get(unit) ?? new Set();
    active.set(unit, where);
    if (json !== null && keys.state(machine, unit).schema.parse(JSON.parse(json)).active === "active")
      where.add(machine);
    else where.delete(machine);
  };
  const reading = (async () => {
    for await (const event of client.follow(["agents/"], {}, AbortSignal.any([signal, over.signal]))) {
      if (event.kind === "reset") stands.resolve();
      else for (const { path, json } of event.changes) note(path, json);
      wake.resolve();
    }
  })();
  await Promise.race([stands.promise, reading]);
  return {
    present,
    active,
    stateWrites,
    async until(is) {
      while (!is()) {
        signal.throwIfAborted();
        wake = Promise.withResolvers<void>();
        await Promise.race([wake.promise, reading]);
      }
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      await reading;
    },
  };
}
