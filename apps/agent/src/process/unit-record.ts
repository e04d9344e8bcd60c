import { readFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { unitNameSchema, type UnitName } from "@quarterdeck/model";
import { z } from "zod";
import { writeAtomically } from "../write-atomically.ts";

const recordSchema = z.object({
  v: z.literal(1),
  unit: unitNameSchema,
  /** What it was loaded from, until a reload. */
  text: z.string(),
  dropIn: z.string().nullable(),
  active: z.enum(["active", "activating", "deactivating", "inactive", "failed"]),
  sub: z.string(),
  result: z.string(),
  restarts: z.int(),
  invocationId: z.string(),
  main: z.object({ pid: z.int(), startTicks: z.string() }).nullable(),
  changedAtMs: z.number(),
});

/** A unit as the process manager knows it; kept on disk, so that the next agent finds what this one started. */
export type UnitRecord = Readonly<z.infer<typeof recordSchema>>;

/** The records of all units in a folder; what does not parse is passed over, as if the unit had never run. */
export async function readUnitRecords(dir: string): Promise<readonly UnitRecord[]> {
  const records: UnitRecord[] = [];
  for (const name of await readdir(dir).catch((): string[] => [])) {
    if (!name.endsWith(".json") || name.startsWith(".")) continue;
    const parsed = recordSchema.safeParse(parseJson(await readFile(join(dir, name), "utf8")));
    if (parsed.success) records.push(parsed.data);
  }
  return records;
}

export async function writeUnitRecord(dir: string, record: UnitRecord): Promise<void> {
  await writeAtomically(join(dir, `${record.unit}.json`), JSON.stringify(record), { mode: 0o600, durable: false });
}

export function removeUnitRecord(dir: string, unit: UnitName): Promise<void> {
  return rm(join(dir, `${unit}.json`), { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Same as a record of another shape: nobody can be found by it.
    return null;
  }
}
