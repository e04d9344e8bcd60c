import {
  auditEntrySchema,
  epochSchema,
  leaderSchema,
  machineSchema,
  policySchema,
  presenceSchema,
  releaseSchema,
  requestSchema,
  rolloutSchema,
  scheduleEntrySchema,
  serviceSchema,
  unitFileSchema,
  unitSchema,
  unitStateSchema,
  unitStatusSchema,
  type MachineId,
  type Principal,
  type RequestId,
  type RolloutId,
  type ServiceName,
  type Sha256,
  type UnitName,
} from "@quarterdeck/model";
import type { z } from "zod";
import type { Key, KeyRange } from "./key.ts";

const key = <Value>(path: string, schema: z.ZodType<Value>): Key<Value> => ({ path, schema });

/** Every key of blueprint §3 in one place; a name has been checked by its branded type before it gets here. */
export const keys = {
  request: (principal: Principal, id: RequestId) => key(`requests/${principal}/${id}`, requestSchema),
  presence: (machine: MachineId) => key(`agents/${machine}/presence`, presenceSchema),
  state: (machine: MachineId, unit: UnitName) => key(`agents/${machine}/states/${unit}`, unitStateSchema),
  machine: (machine: MachineId) => key(`machines/${machine}`, machineSchema),
  unitFile: (hash: Sha256) => key(`unit-files/${hash}`, unitFileSchema),
  unit: (unit: UnitName) => key(`units/${unit}`, unitSchema),
  status: (unit: UnitName) => key(`status/${unit}`, unitStatusSchema),
  schedule: (machine: MachineId, unit: UnitName) => key(`schedule/${machine}/${unit}`, scheduleEntrySchema),
  service: (service: ServiceName) => key(`services/${service}`, serviceSchema),
  release: (service: ServiceName, number: number) =>
    key(`releases/${service}/${releaseSegment(number)}`, releaseSchema),
  rollout: (id: RolloutId) => key(`rollouts/${id}`, rolloutSchema),
  policy: () => key("policy", policySchema),
  epoch: () => key("epoch", epochSchema),
  audit: (sequence: number) => key(`audit/${String(sequence).padStart(12, "0")}`, auditEntrySchema),
  /** The election key below it is `engine/leader/<lease id in hex>`, as etcd's own concurrency recipe names it. */
  leader: (leaseHex: string) => key(`engine/leader/${leaseHex}`, leaderSchema),
} as const;

/** The ranges that are listed, mirrored or followed. */
export const ranges = {
  requests: range("requests/*/*", requestSchema),
  requestsOf: (principal: Principal) => range(`requests/${principal}/*`, requestSchema),
  presences: range("agents/*/presence", presenceSchema),
  states: range("agents/*/states/*", unitStateSchema),
  statesOf: (machine: MachineId) => range(`agents/${machine}/states/*`, unitStateSchema),
  machines: range("machines/*", machineSchema),
  unitFiles: range("unit-files/*", unitFileSchema),
  units: range("units/*", unitSchema),
  statuses: range("status/*", unitStatusSchema),
  schedules: range("schedule/*/*", scheduleEntrySchema),
  scheduleOf: (machine: MachineId) => range(`schedule/${machine}/*`, scheduleEntrySchema),
  services: range("services/*", serviceSchema),
  releases: range("releases/*/*", releaseSchema),
  releasesOf: (service: ServiceName) => range(`releases/${service}/*`, releaseSchema),
  rollouts: range("rollouts/*", rolloutSchema),
  audit: range("audit/*", auditEntrySchema),
  leaders: range("engine/leader/*", leaderSchema),
} as const;

/** Zero-padded, so that etcd's byte order is the order of the numbers. */
function releaseSegment(number: number): string {
  return String(number).padStart(9, "0");
}

/** `pattern`: a `*` for each open segment. */
function range<Value>(pattern: string, schema: z.ZodType<Value>): KeyRange<Value> {
  const segments = pattern.split("/").map((segment) => (segment === "*" ? null : segment));
  return { path: pattern.slice(0, pattern.indexOf("*")), segments, schema };
}
