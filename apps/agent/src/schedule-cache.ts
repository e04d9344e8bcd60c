import { readFile } from "node:fs/promises";
import { scheduleEntrySchema, sha256Schema, unitNameSchema, type Sha256, type UnitName } from "@quarterdeck/model";
import { z } from "zod";
import type { ScheduledUnit } from "./plan-pass.ts";
import { writeAtomically } from "./write-atomically.ts";

const fileSchema = z.object({
  v: z.literal(1),
  entries: z.array(z.object({ unit: unitNameSchema, revision: z.string(), entry: scheduleEntrySchema })),
  texts: z.record(z.string(), z.string()),
});

/** All that is needed to bring this machine's units up while etcd cannot be reached. */
export type CachedSchedule = {
  readonly entries: ReadonlyMap<UnitName, ScheduledUnit>;
  readonly texts: ReadonlyMap<Sha256, string>;
};

/** `null` when there is none, or none that can be read (`onUnreadable`). */
export async function readScheduleCache(
  path: string,
  onUnreadable: (error: unknown) => void,
): Promise<CachedSchedule | null> {
  try {
    const file = fileSchema.parse(JSON.parse(await readFile(path, "utf8")));
    return {
      entries: new Map(file.entries.map(({ unit, revision, entry }) => [unit, { entry, revision }])),
      texts: new Map(Object.entries(file.texts).map(([hash, text]) => [sha256Schema.parse(hash), text])),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") onUnreadable(error);
    return null;
  }
}

export async function writeScheduleCache(path: string, schedule: CachedSchedule): Promise<void> {
  const entries = [...schedule.entries].map(([unit, { entry, revision }]) => ({ unit, revision, entry }));
  const text = JSON.stringify({ v: 1, entries, texts: Object.fromEntries(schedule.texts) });
  await writeAtomically(path, text, { mode: 0o600, durable: true });
}
