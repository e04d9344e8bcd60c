import {
  auditEntrySchema, epochSchema, leaderSchema, machineSchema, policySchema, presenceSchema, releaseSchema, requestSchema, rolloutSchema,
  scheduleEntrySchema, serviceSchema, unitFileSchema, unitSchema, unitStateSchema, unitStatusSchema,
  type MachineId, type Principal, type RequestId, type RolloutId, type ServiceName, type Sha256, type UnitName,
} from "@quarterdeck/model";
import type { z } from "zod";
import type { Key, KeyRange } from "./key.ts";

const key = <Value>(path: string, schema: z.ZodType<Value>): Key<Value> => ({ path, schema });
const range = <Value>(path: string, names: number, schema: z.ZodType<Value>, suffix = ""): KeyRange<Value> => ({ path, suffix, names, schema });

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
  release: (service: ServiceName, number: number) => key(`releases/${service}/${releaseSegment(number)}`, releaseSchema),
  rollout: (id: RolloutId) => key(`rollouts/${id}`, rolloutSchema),
  policy: () => key("policy", policySchema),
  epoch: () => key("epoch", epochSchema),
  audit: (sequence: number) => key(`audit/${String(sequence).padStart(12, "0")}`, auditEntrySchema),
  /** The election key below it is `engine/leader/<lease id in hex>`, as etcd's own concurrency recipe names it. */
  leader: (leaseHex: string) => key(`engine/leader/${leaseHex}`, leaderSchema),
} as const;

/** The ranges that are listed, mirrored or followed. */
export const ranges = {
  requests: range("requests/", 2, requestSchema),
  requestsOf: (principal: Principal) => range(`requests/${principal}/`, 1, requestSchema),
  presences: range("agents/", 1, presenceSchema, "/presence"),
  states: range("agents/", 2, unitStateSchema, "/states/"),
  statesOf: (machine: MachineId) => range(`agents/${machine}/states/`, 1, unitStateSchema),
  machines: range("machines/", 1, machineSchema),
  unitFiles: range("unit-files/", 1, unitFileSchema),
  units: range("units/", 1, unitSchema),
  statuses: range("status/", 1, unitStatusSchema),
  schedules: range("schedule/", 2, scheduleEntrySchema),
  scheduleOf: (machine: MachineId) => range(`schedule/${machine}/`, 1, scheduleEntrySchema),
  services: range("services/", 1, serviceSchema),
  releases: range("releases/", 2, releaseSchema),
  releasesOf: (service: ServiceName) => range(`releases/${service}/`, 1, releaseSchema),
  rollouts: range("rollouts/", 1, rolloutSchema),
  audit: range("audit/", 1, auditEntrySchema),
  leaders: range("engine/leader/", 1, leaderSchema),
} as const;

/** Zero-padded, so that etcd's byte order is the order of the numbers. */
function releaseSegment(number: number): string {
  return String(number).padStart(9, "0");
}
