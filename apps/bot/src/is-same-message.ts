import { z } from "zod";
import type { AnyMessage } from "./ports.ts";

/** What of a message's metadata tells which message it is, whatever else it says by now. @see https://docs.slack.dev/messaging/message-metadata */
const identity = z.discriminatedUnion("event_type", [
  z.object({ event_type: z.literal("fleet_answer"), event_payload: z.object({ trigger: z.string() }) }),
  z.object({
    event_type: z.literal("fleet_notice"),
    event_payload: z.object({ notice: z.string(), since: z.string() }),
  }),
]);

/** Whether metadata found in Slack, of any shape, are of the message that has these: the same command, or the same mishap. */
export function isSameMessage(found: unknown, metadata: AnyMessage["metadata"]): boolean {
  const parsed = identity.safeParse(found);
  return parsed.success && JSON.stringify(parsed.data) === JSON.stringify(identity.parse(metadata));
}
