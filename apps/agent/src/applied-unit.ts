import {
  incarnationSchema,
  problemSchema,
  sha256Schema,
  timestampSchema,
  type ScheduleEntry,
  type UnitName,
} from "@quarterdeck/model";
import { z } from "zod";

/** What the agent last did about a unit, kept on disk so that the next agent process adopts what runs. */
export const appliedUnitSchema = z.object({
  incarnation: incarnationSchema,
  generation: z.int().min(1),
  release: z.int().min(1).nullable(),
  hash: sha256Schema,
  environment: z.record(z.string(), z.string()),
  restartedAt: timestampSchema.optional(),
  /** The target that was carried out. */
  target: z.enum(["launched", "loaded", "absent"]),
  /** Of the entry that was carried out; `null` while the first act is under way. */
  entryRevision: z.string().nullable(),
  bootId: z.string(),
  /**
   * Written before a start or restart, cleared after it. An agent that finds it set knows that its predecessor died in between; the
   * InvocationID from before the act tells whether systemd got the order.
   */
  acting: z.object({ invocationBefore: z.string() }).nullable(),
  /** What went wrong in that act. */
  problem: problemSchema.nullable(),
  /** Of a singleton that was started: the InvocationID of the fence that it runs behind. `null` once it has ended by itself. */
  fence: z.string().nullable().optional(),
});
export type AppliedUnit = z.infer<typeof appliedUnitSchema>;

export type AppliedUnits = ReadonlyMap<UnitName, AppliedUnit>;

/**
 * Whether the record is of the very definition that the entry asks for. The generation may differ, and so may the release: its number alone
 * changes nothing of what runs.
 */
export function isSameDefinition(record: AppliedUnit, entry: ScheduleEntry): boolean {
  return (
    record.incarnation === entry.incarnation &&
    record.hash === entry.hash &&
    record.restartedAt === entry.restartedAt &&
    isSameEnvironment(record.environment, entry.environment)
  );
}

/** What a record keeps of the entry that it was made for. */
export function askedOf(
  entry: ScheduleEntry,
): Pick<AppliedUnit, "incarnation" | "generation" | "release" | "hash" | "environment" | "restartedAt"> {
  const { incarnation, generation, release, hash, environment, restartedAt } = entry;
  const asked = { incarnation, generation, release, hash, environment };
  return restartedAt === undefined ? asked : { ...asked, restartedAt };
}

/**
 * The record of an entry that needs nothing done. A copy that waits for its replacement keeps the record of what runs; after a reboot
 * nothing of it runs, so that a later `launched` entry starts it whatever its generation.
 */
export function acknowledgeEntry(
  record: AppliedUnit | undefined,
  { entry, revision }: { readonly entry: ScheduleEntry; readonly revision: string },
  { bootId, fence }: { readonly bootId: string; readonly fence: string | null },
): AppliedUnit {
  const { target } = entry;
  const done = { entryRevision: revision, bootId, acting: null, problem: null, fence };
  const asked = askedOf(entry);
  if (target.kind !== "absentAfter") return { ...asked, target: target.kind, ...done };
  if (record === undefined || record.bootId !== bootId) return { ...asked, target: "loaded", ...done };
  return { ...record, ...done };
}

function isSameEnvironment(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name]);
}
