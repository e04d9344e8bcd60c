import { createHash } from "node:crypto";
import { keys, put, transactParts, type EtcdClient, type Operation } from "@quarterdeck/etcd";
import type { MachineId, Presence, Sha256, Timestamp, Unit, UnitName } from "@quarterdeck/model";

/** What every unit of the benchmarks is. */
export const UNIT_TEXT = "[Service]\nExecStart=/bin/sleep infinity\n";

const HASH = createHash("sha256").update(UNIT_TEXT).digest("hex") as Sha256;
const AT = "2026-11-24T00:00:00.000Z" as Timestamp;

/** From 0. */
export const machineAt = (index: number): MachineId => (index + 1).toString(16).padStart(32, "0") as MachineId;
export const unitAt = (index: number): UnitName => `unit-${String(index).padStart(6, "0")}.service` as UnitName;

export const launchedUnit: Unit = {
  v: 1,
  hash: HASH,
  target: "launched",
  generation: 1,
  origin: { kind: "submitted" },
  environment: {},
  submittedAt: AT,
};

export const presenceAt = (index: number): Presence => ({
  v: 1,
  machine: machineAt(index),
  hostname: `m${index}`,
  address: "127.0.0.1",
  agentPort: 7443,
  zone: "bench",
  os: "none",
  versions: {},
  capacity: { cpus: 64, memoryMiB: 1024 * 1024 },
  metadata: {},
  bootId: `boot ${index}`,
  instanceId: `instance ${index}`,
  startedAt: AT,
});

/** Writes so many launched units of one text, as an engine that took their requests would have; nothing places them yet. */
export async function writeUnits(client: EtcdClient, units: number, signal: AbortSignal): Promise<void> {
  await writeAll(client, [put(keys.unitFile(HASH), { v: 1, text: UNIT_TEXT })], signal);
  await writeAll(
    client,
    Array.from({ length: units }, (_, index) => put(keys.unit(unitAt(index)), launchedUnit)),
    signal,
  );
}

/** @throws {Error} unless all of them were written */
export async function writeAll(
  client: EtcdClient,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<void> {
  const results = await transactParts(
    client,
    operations.map((operation) => ({ when: [], then: [operation] })),
    signal,
  );
  if (results.some(({ outcome }) => outcome !== "committed")) throw new Error("not all of the cluster was written");
}
