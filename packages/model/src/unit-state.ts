import { z } from "zod";
import { incarnationSchema, sha256Schema, timestampSchema } from "./ids.ts";
import { problemSchema } from "./problem.ts";
import { versioned } from "./versioned.ts";

/** `none`: the unit has no check. `unknown`: the check has not answered since the unit became active. */
export const healthSchema = z.enum(["none", "unknown", "passing", "failing"]);
export type Health = z.infer<typeof healthSchema>;

/** `agents/<machine>/states/<unit>`: what runs; durable, written on change only, shown as `lost` while presence is gone. */
export const unitStateSchema = versioned({
  /** Of what runs, not of what should; `null` for an orphan (a unit in our directory that no entry names). */
  incarnation: incarnationSchema.nullable(),
  generation: z.int().min(0),
  release: z.int().min(1).nullable(),
  hash: sha256Schema.nullable(),
  /** systemd's own words: LoadState, ActiveState, SubState, Result. @see org.freedesktop.systemd1(5) */
  load: z.string(),
  active: z.string(),
  sub: z.string(),
  result: z.string(),
  health: healthSchema,
  /** The check's last answer, one line, at most 200 characters. */
  healthDetail: z.string().max(200),
  /** NRestarts of the service since it was started by us. */
  restarts: z.int().min(0),
  since: timestampSchema,
  bootId: z.string(),
  invocationId: z.string(),
  /**
   * The mod revision of the schedule entry that the agent has carried out, as a decimal string; `null` before the first.
   * An `absent` entry is acknowledged by a state with this revision and `active` inactive or failed.
   */
  entryRevision: z
    .string()
    .regex(/^[0-9]{1,19}$/)
    .nullable(),
  /** What went wrong when the agent last acted, e.g. a unit file that systemd refused. */
  problem: problemSchema.nullable(),
});
export type UnitState = z.infer<typeof unitStateSchema>;
