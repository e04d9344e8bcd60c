import { z } from "zod";
import { machineIdSchema, timestampSchema } from "./ids.ts";
import { versioned } from "./versioned.ts";

/** Not `__proto__`: it vanishes where objects are put together by key. */
export const metadataKeySchema = z.string().regex(/^(?!__proto__$)[A-Za-z0-9_.-]{1,64}$/);
export const metadataValueSchema = z.string().regex(/^[A-Za-z0-9_.:/-]{0,128}$/);

/** Keys and values of machine metadata, as `[X-Fleet] MachineMetadata=` compares them. */
export const metadataSchema = z.record(metadataKeySchema, metadataValueSchema);
export type Metadata = z.infer<typeof metadataSchema>;

/** `agents/<machine>/presence`: hangs on the machine's lease, written once per agent start and when a fact changes. */
export const presenceSchema = versioned({
  machine: machineIdSchema,
  hostname: z.string().min(1).max(253),
  /** Where other machines and operators reach the agent; an IP address. */
  address: z.string().min(1),
  agentPort: z.int().min(1).max(65535),
  zone: z.string(),
  os: z.string(),
  /** Keys: agent, systemd, kernel; a missing key is not installed. */
  versions: z.record(z.string(), z.string()),
  capacity: z.object({ cpus: z.number().positive(), memoryMiB: z.number().positive() }),
  /** Of the file system that holds the containers, in steps of a few percent; null and absent are "not known". */
  disk: z.object({ freePercent: z.number().min(0).max(100) }).nullish(),
  metadata: metadataSchema,
  /** Changes with every boot: `/proc/sys/kernel/random/boot_id`. */
  bootId: z.string(),
  /** Of this agent process; a second agent with a cloned machine id has another. */
  instanceId: z.string(),
  startedAt: timestampSchema,
});
export type Presence = z.infer<typeof presenceSchema>;

/** `machines/<machine>`: what the engine remembers of a machine for ever. */
export const machineSchema = versioned({
  machine: machineIdSchema,
  /** Set by operators; see {@link mergeMetadata}. */
  metadata: metadataSchema,
  cordoned: z.boolean(),
  /** The facts of its last presence. */
  lastPresence: presenceSchema,
  /** When the engine declared it lost; `null` while it is present or only silent. */
  lostAt: timestampSchema.nullable(),
});
export type Machine = z.infer<typeof machineSchema>;
