import { keys, put, ranges, remove, type Entry, type Lease, type Mirror } from "@quarterdeck/etcd";
import type { FakeEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Presence, ScheduleEntry, UnitName, UnitState } from "@quarterdeck/model";
import { presenceFacts, stateFacts } from "./facts.ts";

export type FakeAgentOptions = {
  readonly machine: MachineId;
  /** What a unit's check says once it runs; passing where nothing else is said. */
  readonly healthOf?: (unit: UnitName, entry: ScheduleEntry) => UnitState["health"];
  readonly presence?: Partial<Presence>;
};

/** A machine that does at once whatever its schedule says, in memory: as little of an agent as the engine needs to meet. */
export type FakeAgent = {
  readonly machine: MachineId;
  /** Joins, or joins again after a cut: what ran goes on running. */
  join(): Promise<void>;
  /** The network is cut: the lease ends, units go on running, nothing is heard or said. */
  cut(): Promise<void>;
  /** Power is cut: as `cut`, and nothing runs any more when it joins again. */
  kill(): Promise<void>;
  /** Names of the units that run. */
  running(): readonly UnitName[];
  /** `start hello.service`, `stop hello.service`, in order. */
  readonly history: readonly string[];
};

export function createFakeAgent(
  store: FakeEtcd,
  { machine, healthOf = () => "passing", presence = {} }: FakeAgentOptions,
): FakeAgent {
  const etcd = store.connect();
  const states = new Map<UnitName, UnitState>();
  const history: string[] = [];
  let boot = 1;
  let life: { readonly ended: AbortController; readonly loop: Promise<void>; readonly lease: Lease } | null = null;

  async function write(unit: UnitName, state: UnitState | null, signal: AbortSignal): Promise<void> {
    const known = states.get(unit);
    if (state === null) states.delete(unit);
    else states.set(unit, state);
    if (JSON.stringify(known ?? null) === JSON.stringify(state)) return;
    await etcd.transact(
      { when: [], then: [state === null ? remove(keys.state(machine, unit)) : put(keys.state(machine, unit), state)] },
      signal,
    );
  }

  async function obey({ names, value: entry, modRevision }: Entry<ScheduleEntry>, signal: AbortSignal): Promise<void> {
    const unit = names[0] as UnitName;
    const known = states.get(unit);
    const entryRevision = String(modRevision);
    if (known?.entryRevision === entryRevision) return;
    const runs = known?.active === "active";
    const facts = {
      incarnation: entry.incarnation,
      generation: entry.generation,
      hash: entry.hash,
      release: entry.release,
      entryRevision,
      bootId: `boot-${boot}`,
    };
    switch (entry.target.kind) {
      case "launched": {
        const same =
          runs &&
          known.hash === entry.hash &&
          known.release === entry.release &&
          known.incarnation === entry.incarnation;
        if (!same) history.push(`start ${unit}`);
        return write(
          unit,
          stateFacts({ ...facts, active: "active", sub: "running", health: healthOf(unit, entry) }),
          signal,
        );
      }
      case "loaded":
        if (runs) history.push(`stop ${unit}`);
        return write(unit, stateFacts({ ...facts, active: "inactive", sub: "dead" }), signal);
      case "absent":
        if (runs) history.push(`stop ${unit}`);
        return write(unit, stateFacts({ ...facts, active: "inactive", sub: "dead" }), signal);
      case "absentAfter":
        return write(
          unit,
          known === undefined ? stateFacts({ ...facts, active: "inactive", sub: "dead" }) : { ...known, entryRevision },
          signal,
        );
    }
  }

  async function live(mirror: Mirror, signal: AbortSignal): Promise<void> {
    for await (const _ of mirror.changes(signal)) {
      const entries = mirror.list(ranges.scheduleOf(machine));
      for (const entry of entries) await obey(entry, signal);
      const named = new Set(entries.map(({ names }) => names[0]));
      for (const [unit, state] of states)
        if (!named.has(unit) && state.active !== "active") await write(unit, null, signal);
    }
    await mirror[Symbol.asyncDispose]();
  }

  async function leave(): Promise<void> {
    if (life === null) return;
    life.ended.abort();
    await life.loop;
    store.expireLease(life.lease.id);
    life = null;
  }

  return {
    machine,
    history,
    running: () => [...states].filter(([, state]) => state.active === "active").map(([unit]) => unit),
    async join() {
      const ended = new AbortController();
      const lease = await etcd.grantLease({ ttlSeconds: 10 }, ended.signal);
      const facts = presenceFacts(machine, { ...presence, bootId: `boot-${boot}` });
      await etcd.transact({ when: [], then: [put(keys.presence(machine), facts, { lease: lease.id })] }, ended.signal);
      const mirror = await etcd.mirror([`schedule/${machine}/`], ended.signal);
      life = {
        ended,
        lease,
        loop: live(mirror, ended.signal).catch((error: unknown) =>
          ended.signal.aborted ? undefined : Promise.reject(error),
        ),
      };
    },
    cut: leave,
    async kill() {
      await leave();
      boot += 1;
      for (const [unit, state] of states)
        states.set(unit, { ...state, active: "inactive", sub: "dead", entryRevision: null });
    },
  };
}
