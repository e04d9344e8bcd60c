import { keys, put, ranges, submitRequest, type EtcdClient, type Snapshot } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import type { MachineId, Request, RequestAction, RequestId, Rollout, UnitName } from "@quarterdeck/model";
import { runEngine } from "../engine.ts";
import type { SeedContent } from "../plan-seed.ts";
import type { EngineLog } from "../ports.ts";
import { createFakeImageRegistry, type FakeImageRegistry } from "../registry/fake-image-registry.ts";
import type { AuditLimits } from "../stage-audit.ts";
import { everything, OPERATOR, requestFacts } from "./facts.ts";
import { createFakeAgent, type FakeAgent, type FakeAgentOptions } from "./fake-agent.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { CA, engineSigner } from "./signing.ts";

const MIRRORED = [
  "schedule/",
  "units/",
  "status/",
  "agents/",
  "machines/",
  "requests/",
  "services/",
  "releases/",
  "rollouts/",
  "relocations/",
  "reboots/",
  "brake",
  "audit/",
  "engine/",
];

export const GRACE_MS = 1_000;
export const TTL_MS = 10_000;
export const OVERDUE_SECONDS = 1_800;
export const AUDIT_LIMITS: AuditLimits = { keepEntries: 10, keepMs: 7 * 86_400_000 };

/** Before vitest ends a test (30 s), so that what the engines said is told; nothing on the way takes as long but on a machine that hangs. */
const HANGS_AFTER_MS = 20_000;

/** An engine in the world, and the line that it is reached by. */
type RunningEngine = { readonly etcd: FakeEtcd; readonly roles: readonly string[]; stop(): Promise<void> };

/** A cluster in memory: etcd, engines, machines, a registry and a clock that stands still. */
export type EngineWorld = AsyncDisposable & {
  readonly etcd: FakeEtcd;
  readonly clock: FakeClock;
  readonly registry: FakeImageRegistry;
  readonly log: readonly string[];
  startEngine(hostname?: string): RunningEngine;
  addMachine(options: FakeAgentOptions): Promise<FakeAgent>;
  submit(action: RequestAction, id?: string, more?: Partial<Request>): Promise<Request>;
  /** Resolves with what `look` finds as soon as it finds something; looks again after every change. */
  until<Found>(look: (view: Snapshot) => Found | null | undefined | false): Promise<Found>;
  /** Submits and waits for the outcome. */
  ask(action: RequestAction, more?: Partial<Request>): Promise<NonNullable<Request["outcome"]>>;
  /** The machine that a unit has a live entry on. */
  placeOf(unit: UnitName): Promise<MachineId>;
  /** Advances the clock in small steps until the rollout has ended. */
  finish(rollout: string): Promise<Rollout>;
};

export async function createEngineWorld(seed: SeedContent | null = null): Promise<EngineWorld> {
  const etcd = fakeEtcd();
  const clock = createFakeClock();
  const registry = createFakeImageRegistry({
    "registry.lab:5000/web": { "1.0.0": digest("a"), "1.1.0": digest("b"), "1.2.0": digest("c") },
  });
  const ended = new AbortController();
  const log: string[] = [];
  const engines: RunningEngine[] = [];
  const agents: FakeAgent[] = [];
  const mirror = await etcd.connect().mirror(MIRRORED, ended.signal);
  let requests = 0;
  if (seed === null) await etcd.transact({ when: [], then: [put(keys.policy(), everything)] }, ended.signal);

  const until: EngineWorld["until"] = async (look) => {
    for await (const _ of mirror.changes(AbortSignal.any([ended.signal, AbortSignal.timeout(HANGS_AFTER_MS)]))) {
      const found = look(mirror);
      if (found !== null && found !== undefined && found !== false) return found;
    }
    throw new Error(`it never came about:\n${log.slice(-20).join("\n")}`);
  };
  const nextId = (): string => `request-${String((requests += 1)).padStart(4, "0")}`;
  const submit: EngineWorld["submit"] = async (action, id = nextId(), more = {}) => {
    const request = requestFacts(action, { id: id as RequestId, ...more });
    await submitRequest(etcd, request, ended.signal);
    return request;
  };

  return {
    etcd,
    clock,
    registry,
    log,
    until,
    submit,
    startEngine(hostname = "m1") {
      const own = etcd.connect();
      const stopped = new AbortController();
      const roles: string[] = [];
      const note =
        (level: string): EngineLog["info"] =>
        (fields, message) =>
          void log.push(`${hostname} ${level} ${message} ${JSON.stringify(fields)}`);
      const done = runEngine(
        {
          etcd: own as EtcdClient,
          registry,
          signer: engineSigner(engines.length),
          auditLimits: AUDIT_LIMITS,
          clusterCa: async () => CA,
          clock,
          seed,
          serve: null,
          leaderTtlSeconds: 10,
          limits: { graceMs: GRACE_MS, ttlMs: TTL_MS },
          rebootLimits: { slots: 1, overdueSeconds: OVERDUE_SECONDS, etcdHosts: new Set(["10.0.0.1", "m2"]) },
          log: { info: note("info"), warn: note("warn"), error: note("error") },
          onRole: (role) => void roles.push(role),
          self: { machine: hostname, hostname },
        },
        stopped.signal,
      );
      const engine: RunningEngine = {
        etcd: own,
        roles,
        async stop() {
          stopped.abort();
          await done;
        },
      };
      engines.push(engine);
      return engine;
    },
    async addMachine(options) {
      const agent = createFakeAgent(etcd, options);
      agents.push(agent);
      await agent.join();
      return agent;
    },
    async ask(action, more) {
      const { id } = await submit(action, nextId(), more);
      return until((view) => view.get(keys.request(OPERATOR, id))?.value.outcome);
    },
    placeOf: (unit) =>
      until(
        (view) =>
          view.list(ranges.schedules).find(({ names, value }) => names[1] === unit && value.target.kind === "launched")
            ?.names[0] as MachineId,
      ),
    async finish(rollout) {
      for (let step = 0; step < 400; step += 1) {
        const found = mirror.list(ranges.rollouts).find(({ value }) => value.id === rollout)?.value;
        if (found !== undefined && found.state !== "running") return found;
        clock.advance(250);
        await settle();
      }
      throw new Error(`${rollout} did not end; ${log.join("\n")}`);
    },
    async [Symbol.asyncDispose]() {
      for (const engine of engines) await engine.stop();
      for (const agent of agents) await agent.cut();
      ended.abort();
      await mirror[Symbol.asyncDispose]();
    },
  };
}

/** Lets everything that is ready to run come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}
