import { keys, put, type EtcdClient, type Operation } from "@quarterdeck/etcd";
import { fakeEtcd, type FakeEtcd } from "@quarterdeck/etcd/testing";
import type {
  DeploySpec,
  MachineId,
  Metadata,
  Presence,
  Reason,
  Release,
  Rollout,
  ScheduleEntry,
  Service,
  ServiceName,
  Sha256,
  Timestamp,
  Unit,
  UnitName,
  UnitState,
  UnitStatus,
} from "@quarterdeck/model";

/** Three machines as the lab makes them; their ids share a prefix of 3 digits. */
export const M1 = `abc1${"1".repeat(28)}` as MachineId;
export const M2 = `abc2${"2".repeat(28)}` as MachineId;
export const M3 = `abc3${"3".repeat(28)}` as MachineId;
export const HASH = "aa".repeat(32) as Sha256;
export const AT = "2026-11-24T00:00:00.000Z" as Timestamp;
export const HELLO = "hello.service" as UnitName;
export const WEB = "web" as ServiceName;

const NAMES: ReadonlyMap<MachineId, readonly [string, string]> = new Map([
  [M1, ["m1", "10.78.0.11"]],
  [M2, ["m2", "10.78.0.12"]],
  [M3, ["m3", "10.78.0.13"]],
]);

export const because = (code: Reason["code"], text = ""): Reason => ({ code, text });

export function presenceOf(machine: MachineId, metadata: Metadata = { role: "worker" }): Presence {
  const [hostname, address] = NAMES.get(machine) ?? ["mx", "10.78.0.99"];
  return {
    v: 1,
    machine,
    hostname,
    address,
    agentPort: 7443,
    zone: "local",
    os: "Debian 12",
    versions: { agent: "0.1.0" },
    capacity: { cpus: 2, memoryMiB: 1024 },
    metadata,
    bootId: "b",
    instanceId: "i",
    startedAt: AT,
  };
}

/** Present, or known and lost. */
export function machine(
  id: MachineId,
  options: { readonly lost?: boolean; readonly metadata?: Metadata; readonly cordoned?: boolean } = {},
): readonly Operation[] {
  const presence = presenceOf(id, { role: "worker" });
  const record = {
    v: 1 as const,
    machine: id,
    metadata: options.metadata ?? {},
    cordoned: options.cordoned ?? false,
    lastPresence: presence,
    lostAt: null,
  };
  return [put(keys.machine(id), record), ...(options.lost === true ? [] : [put(keys.presence(id), presence)])];
}

export function unit(name: UnitName, options: Partial<Unit> = {}): Operation {
  return put(keys.unit(name), {
    v: 1,
    hash: HASH,
    target: "launched",
    generation: 1,
    origin: { kind: "submitted" },
    environment: {},
    submittedAt: AT,
    ...options,
  });
}

export function unitFile(hash: Sha256, text: string): Operation {
  return put(keys.unitFile(hash), { v: 1, text });
}

export function status(name: UnitName, incarnation: string, options: Partial<UnitStatus> = {}): Operation {
  return put(keys.status(name), {
    v: 1,
    incarnation: incarnation as UnitStatus["incarnation"],
    phase: "placed",
    machine: M1,
    reason: because("LEAST_LOADED", "0 units"),
    refusals: [],
    since: AT,
    ...options,
  });
}

export function entry(
  at: MachineId,
  name: UnitName,
  incarnation: string,
  options: Partial<ScheduleEntry> = {},
): Operation {
  return put(keys.schedule(at, name), {
    v: 1,
    incarnation: incarnation as ScheduleEntry["incarnation"],
    generation: 1,
    hash: HASH,
    environment: {},
    release: null,
    target: { kind: "launched" },
    reason: because("LEAST_LOADED", "0 units"),
    ...options,
  });
}

export function state(at: MachineId, name: UnitName, options: Partial<UnitState> = {}): Operation {
  return put(keys.state(at, name), {
    v: 1,
    incarnation: null,
    generation: 1,
    release: null,
    hash: HASH,
    load: "loaded",
    active: "active",
    sub: "running",
    result: "success",
    health: "none",
    healthDetail: "",
    restarts: 0,
    since: AT,
    bootId: "b",
    invocationId: "1",
    entryRevision: null,
    problem: null,
    ...options,
  });
}

const DEPLOY: DeploySpec = {
  image: "registry.lab:5000/web",
  replicas: 2,
  healthCheck: null,
  maxParallel: 1,
  canary: 0,
  minHealthySeconds: 1,
  healthyDeadlineSeconds: 60,
  progressDeadlineSeconds: 600,
  autoRevert: false,
};

export function service(options: Partial<Service> = {}): Operation {
  return put(keys.service(WEB), {
    v: 1,
    service: WEB,
    template: "web@.service" as UnitName,
    hash: HASH,
    deploy: DEPLOY,
    release: null,
    rollout: null,
    ...options,
  });
}

export function release(number: number, version: string): Operation {
  const value: Release = {
    v: 1,
    service: WEB,
    number,
    version,
    image: `registry.lab:5000/web@sha256:${"c".repeat(64)}`,
    hash: HASH,
    by: "dev",
    principal: "operator:dev" as Release["principal"],
    at: AT,
    why: number === 1 ? "" : "fixes login",
  };
  return put(keys.release(WEB, number), value);
}

export const ROLLOUT = "web-1-0000abcd" as Rollout["id"];

export function rollout(options: Partial<Rollout> = {}): Operation {
  const step = { machine: M1, startedAt: null, healthySince: null, reason: null };
  return put(keys.rollout(options.id ?? ROLLOUT), {
    v: 1,
    id: ROLLOUT,
    service: WEB,
    release: 1,
    version: "1.0.0",
    previous: null,
    deploy: DEPLOY,
    state: "running",
    steps: [
      { ...step, unit: "web@1.service" as UnitName, state: "healthy" },
      { ...step, unit: "web@2.service" as UnitName, state: "updating" },
    ],
    reason: because("ROLLOUT_STEP", "1 of 2"),
    request: "request-1" as Rollout["request"],
    by: "dev",
    startedAt: AT,
    endedAt: null,
    ...options,
  });
}

/** Writes all in one transaction; returns its revision, which is the incarnation of units made in it. */
export async function write(etcd: EtcdClient, ...operations: (Operation | readonly Operation[])[]): Promise<string> {
  const { revision } = await etcd.transact({ when: [], then: operations.flat() }, AbortSignal.timeout(5000));
  return String(revision);
}

/** A cluster that holds what is given. */
export async function clusterOf(...operations: (Operation | readonly Operation[])[]): Promise<FakeEtcd> {
  const etcd = fakeEtcd();
  if (operations.length > 0) await write(etcd, ...operations);
  return etcd;
}
