import { z } from "zod";
import { FAULT_KINDS } from "../workspace/faults.ts";

/** Bodies of the control API (apps/sandbox/README.md). People and channels are given by name or id. */

const name = z.string().min(1).max(80);
const handle = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,79}$/);

export const commandBody = z.strictObject({ user: name, channel: name, text: z.string().min(1).max(8_000) });

export const messageBody = z.strictObject({
  user: name,
  channel: name,
  text: z.string().min(1).max(4_000),
  thread_ts: z.string().optional(),
});

const selected = z.union([z.string(), z.number(), z.array(z.string()), z.record(z.string(), z.unknown())]);

/** `ts` for a message, `view_id` for a modal or App Home. */
export const actionBody = z.strictObject({
  user: name,
  channel: name.optional(),
  ts: z.string().optional(),
  view_id: z.string().optional(),
  action_id: z.string().min(1),
  value: z.string().optional(),
  selected: selected.optional(),
});

export const optionsBody = z.strictObject({
  user: name,
  channel: name.optional(),
  view_id: z.string().optional(),
  ts: z.string().optional(),
  action_id: z.string().min(1),
  query: z.string(),
});

export const submitBody = z.strictObject({
  values: z.record(z.string(), z.record(z.string(), selected)).default({}),
});

export const faultBody = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  count: z.int().min(0).max(10_000).optional(),
  ms: z.int().min(0).max(600_000).optional(),
});

export const usersBody = z.array(
  z.object({
    id: z.string().optional(),
    name: handle,
    realName: z.string().default(""),
    tz: z.string().default("Etc/UTC"),
  }),
);

export const groupsBody = z.array(z.object({ id: z.string().optional(), name: handle, users: z.array(name) }));

export const channelsBody = z.array(
  z.object({
    id: z.string().optional(),
    name: handle,
    topic: z.string().default(""),
    botMember: z.boolean().default(true),
  }),
);
