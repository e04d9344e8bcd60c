import { z } from "zod";
import { machineIdSchema, relocationIdSchema, requestIdSchema, timestampSchema, unitNameSchema } from "./ids.ts";
import { reasonSchema } from "./reason.ts";
import { versioned } from "./versioned.ts";

/** What FleetLock takes as the name of a group. @see https://coreos.github.io/zincati/development/fleetlock/protocol/ */
export const rebootGroupNameSchema = z.string().regex(/^[a-zA-Z0-9.-]{1,128}$/);

const asker = {
  machine: machineIdSchema,
  /** The order of the queue: who asked first comes first, of two at one instant the smaller machine-id. */
  askedAt: timestampSchema,
  /** By which it asked. */
  request: requestIdSchema,
  /** Why it does not reboot yet, or what it is waited for. */
  reason: reasonSchema,
};

export const rebootWaiterSchema = z.object(asker);
export type RebootWaiter = z.infer<typeof rebootWaiterSchema>;

export const rebootHolderSchema = z.object({
  ...asker,
  /** `draining`: its units are moved elsewhere first. `rebooting`: it may reboot, and is waited for until it is back. */
  phase: z.enum(["draining", "rebooting"]),
  /** When the phase began. */
  since: timestampSchema,
  /** The drain that empties it. */
  relocation: relocationIdSchema,
  /** A person had cordoned it before, so it stays cordoned afterwards. */
  wasCordoned: z.boolean(),
  /** What did well there when it was let go, and has to do well again before the next machine's turn; empty before that. */
  well: z.array(unitNameSchema),
  /** When it said that it has done what it wanted; `null` until then. */
  steadyAt: timestampSchema.nullable(),
});
export type RebootHolder = z.infer<typeof rebootHolderSchema>;

/**
 * `reboots/<group>`: FleetLock's semaphore; who holds a slot is drained, then may reboot. There while somebody holds or waits; a machine is
 * in one group at most.
 */
export const rebootGroupSchema = versioned({
  holders: z.array(rebootHolderSchema),
  /** In the order of their turns. */
  waiting: z.array(rebootWaiterSchema),
});
export type RebootGroup = z.infer<typeof rebootGroupSchema>;
