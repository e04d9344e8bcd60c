import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { machineIdSchema, type MachineId } from "@quarterdeck/model";
import { z } from "zod";
import { MAX_MACHINE_NUMBER } from "../host-names.ts";
import { labFailed } from "../lab-failed.ts";

const recordSchema = z.object({
  v: z.literal(1),
  number: z.int().min(1).max(MAX_MACHINE_NUMBER),
  machine: machineIdSchema,
  /** `etcd`: a member of the quorum that may run units too; `worker`: runs units only. */
  role: z.enum(["etcd", "worker"]),
  /** The base image it was made from; an overlay's lower layer must not change under it. */
  base: z.string().regex(/^[0-9a-f]{12}$/),
  /** sha256 of the Ignition config that made it, null until it ran. */
  config: z.string().nullable(),
});

/** What must stay the same of a machine over restarts of the lab; `machines/<name>/machine.json`. */
export type MachineRecord = Readonly<z.infer<typeof recordSchema>>;

/** `m1`, `m2`, … */
export function machineName(record: { readonly number: number }): string {
  return `m${record.number}`;
}

export function createRecord(number: number, role: MachineRecord["role"], base: string): MachineRecord {
  return { v: 1, number, machine: randomUUID().replaceAll("-", "") as MachineId, role, base, config: null };
}

/** All machines ever made and not reset, by number. @throws {CodedError} LAB_FAILED for a record that does not parse */
export async function readRecords(folder: string): Promise<readonly MachineRecord[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const records: MachineRecord[] = [];
  for (const name of names) {
    const path = join(folder, name, "machine.json");
    const text = await readFile(path, "utf8").catch(() => null);
    // A machine whose making was cut short has no record yet, and nothing worth keeping.
    if (text === null) continue;
    const parsed = recordSchema.safeParse(JSON.parse(text));
    if (!parsed.success)
      throw labFailed(`${path} is not a machine's record`, {
        why: parsed.error.issues[0]?.message ?? "it does not parse",
        try: "npx lab reset",
      });
    records.push(parsed.data);
  }
  return records.toSorted((left, right) => left.number - right.number);
}

export async function writeRecord(folder: string, record: MachineRecord): Promise<void> {
  const dir = join(folder, machineName(record));
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "machine.json.new"), `${JSON.stringify(record, null, 2)}\n`);
  await rename(join(dir, "machine.json.new"), join(dir, "machine.json"));
}
