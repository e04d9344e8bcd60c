import { keys, submitRequest, type EtcdClient, type Mirror, type Revision } from "@quarterdeck/etcd";
import { CodedError, requestIdSchema, type Principal, type RequestAction, type UnitName } from "@quarterdeck/model";
import type { Clock } from "../clock.ts";
import { isUp } from "../facts/copies-of.ts";
import { awaitOutcome } from "../requests/await-outcome.ts";
import { buildRequest } from "../requests/build-request.ts";
import { withTicks } from "../requests/with-ticks.ts";
import {
  deriveFleetMachines,
  deriveFleetStates,
  deriveFleetUnit,
  deriveFleetUnits,
  FLEET_PREFIXES,
  fleetCopies,
} from "./derive-fleet-view.ts";
import type { FleetCluster } from "./fleet-cluster.ts";
import { planCreateRequest, planTargetRequest } from "./plan-target-request.ts";
import { SharedMirror } from "./shared-mirror.ts";
import { UnitReader } from "./unit-reader.ts";

export type FleetClusterOptions = {
  readonly etcd: EtcdClient;
  /** The name in the certificate that `etcd` was opened with: requests are written under it, and policy judges it. */
  readonly principal: Principal;
  readonly clock: Clock;
  /** A fresh random id of 8 to 64 of `A-Za-z0-9_-`; asked once per request. */
  newId(): string;
};

const ENGINE_PATIENCE_SECONDS = 30;
const CATCH_UP_MS = 5000;
const IDLE_MS = 60_000;

/** The cluster behind fleet's API. Disposing it leaves `etcd` open. */
export function openFleetCluster(options: FleetClusterOptions): FleetCluster & AsyncDisposable {
  const { etcd, principal, clock } = options;
  const shared = new SharedMirror({ etcd, prefixes: FLEET_PREFIXES, clock, idleMs: IDLE_MS });
  const texts = new UnitReader();
  /** The newest revision that a change of ours was made at. */
  let ours: Revision = 0n;

  const look = async (signal: AbortSignal): Promise<Mirror> => {
    const mirror = await shared.get(signal);
    await until(mirror, { true: () => mirror.revision >= ours, patienceMs: CATCH_UP_MS, clock }, signal);
    texts.prune(mirror);
    return mirror;
  };

  const ask = async (action: RequestAction, signal: AbortSignal): Promise<void> => {
    const id = requestIdSchema.parse(options.newId());
    await submitRequest(etcd, buildRequest({ principal, slack: null, clock }, id, { action, why: "" }), signal);
    const waiting = awaitOutcome({ etcd, principal, clock }, id, ENGINE_PATIENCE_SECONDS, signal);
    let step = await waiting.next();
    while (step.done !== true) step = await waiting.next();
    const outcome = step.value;
    if (outcome === null)
      throw new CodedError("TIMED_OUT", {
        message: `no engine has answered within ${ENGINE_PATIENCE_SECONDS} s`,
        why: `request ${id} waits for one`,
        try: "fleet status",
      });
    if (outcome.kind === "refused") {
      const { code, ...fields } = outcome.problem;
      throw new CodedError(code, fields);
    }
    if (outcome.changed.length === 0) return;
    const answered = await etcd.get(keys.request(principal, id), signal);
    if (answered !== null && answered.modRevision > ours) ours = answered.modRevision;
  };

  return {
    units: async (signal) => deriveFleetUnits(await look(signal), texts),
    unit: async (name, signal) => deriveFleetUnit(await look(signal), texts, name),
    states: async (signal) => deriveFleetStates(await look(signal), texts),
    machines: async (signal) => deriveFleetMachines(await look(signal)),
    async create(file, target, signal) {
      const exists = (await look(signal)).get(keys.unit(file.name)) !== null;
      await ask(planCreateRequest(file, { exists, target }), signal);
    },
    async aim(name, target, signal) {
      const from = (await look(signal)).get(keys.unit(name))?.value.target ?? "inactive";
      await ask(planTargetRequest(name, { from, to: target }), signal);
    },
    destroy: (name, signal) => ask({ verb: "destroy", units: [name] }, signal),
    setMetadata: (machine, metadata, signal) => ask({ verb: "set-metadata", machine, metadata }, signal),
    async stopped(name, patienceMs, signal) {
      const mirror = await look(signal);
      await until(mirror, { true: () => isStopped(mirror, name), patienceMs, clock }, signal);
    },
    [Symbol.asyncDispose]: () => shared[Symbol.asyncDispose](),
  };
}

function isStopped(mirror: Mirror, name: UnitName): boolean {
  return fleetCopies(mirror, name).every(({ live, state }) => !live || state === null || !isUp(state));
}

type Until = { true(): boolean; readonly patienceMs: number; readonly clock: Clock };

/** Returns when the mirror shows it, or the patience is at its end. */
async function until(mirror: Mirror, wait: Until, signal: AbortSignal): Promise<void> {
  if (wait.true()) return;
  const began = wait.clock.now();
  for await (const _ of withTicks((open) => mirror.changes(open), { everyMs: 500, clock: wait.clock }, signal))
    if (wait.true() || wait.clock.now() - began >= wait.patienceMs) return;
}
