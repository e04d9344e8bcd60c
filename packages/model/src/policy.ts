import { z } from "zod";
import { versioned } from "./versioned.ts";

/**
 * `policy`: who may do what; nothing is allowed that no rule allows. A subject is a certificate name (`operator:anna`, with one `*` at
 * its end allowed), `group:<Slack user group>` or `user:<Slack user name>`. The verb `*` is every verb and every grant. Among the verbs may
 * stand a grant: `identity:bot` lets its subjects submit units that ask for that identity (`Identity=bot`), which no verb but `*` does.
 * Reading is never refused.
 */
export const policySchema = versioned({
  rules: z.array(z.object({ subjects: z.array(z.string().min(1)).min(1), verbs: z.array(z.string().min(1)).min(1) })),
});
export type Policy = z.infer<typeof policySchema>;

/** `/etc/quarterdeck/seed/seed.json`: what the first leading engine commits together with the policy. */
export const seedSchema = versioned({
  units: z.array(z.object({ name: z.string(), file: z.string(), target: z.enum(["inactive", "loaded", "launched"]) })),
});
export type Seed = z.infer<typeof seedSchema>;

/** `epoch`: raised by a restore; agents act only on entries of the epoch that was released. */
export const epochSchema = versioned({ epoch: z.int().min(1), released: z.boolean() });
export type Epoch = z.infer<typeof epochSchema>;

/** `engine/leader`: the value of the election key; the key hangs on the leader's lease. */
export const leaderSchema = versioned({ machine: z.string(), hostname: z.string(), since: z.string() });
export type Leader = z.infer<typeof leaderSchema>;
