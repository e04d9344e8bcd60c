import { z } from "zod";
import { timestampSchema } from "./ids.ts";
import { versioned } from "./versioned.ts";

/** What FleetLock takes as the name of a group. @see https://coreos.github.io/zincati/development/fleetlock/protocol/ */
export const rebootGroupNameSchema = z.string().regex(/^[a-zA-Z0-9.-]{1,128}$/);

/** `reboots/<group>`: FleetLock's semaphore; who holds a slot may reboot. */
export const rebootGroupSchema = versioned({
  slots: z.int().min(0),
  holders: z.array(
    z.object({
      /** As the client names itself: derived from its machine id, not the machine id. */
      id: z.string().min(1).max(256),
      since: timestampSchema,
    }),
  ),
});
export type RebootGroup = z.infer<typeof rebootGroupSchema>;
