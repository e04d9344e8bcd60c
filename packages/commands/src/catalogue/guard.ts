import { defineCommand, type CommandSpec } from "../grammar/define-command.ts";
import { parseAuditPlace } from "../grammar/parse-audit-place.ts";
import { parseSince } from "../grammar/parse-since.ts";
import type { AuditFlags } from "../handlers/audit.ts";
import { LIST_GLOBALS } from "./parameters.ts";

export const GUARD_COMMANDS: readonly CommandSpec[] = [
  defineCommand<AuditFlags, readonly []>({
    path: ["audit"],
    group: "guard",
    brief: "List who did what, oldest first, or say whether the log of it was touched",
    description:
      "Slack shows the newest 20. Exit code 1 when the log is not sound; docs/audit.md says what a sound one proves. --exported is the one thing here that changes anything: it needs a rule of the policy that allows audit. Fields: time, actor, act, subjects, outcome, why, sequence, principal, request.",
    access: "reads",
    flags: {
      by: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "U",
        brief: "Only acts of this operator or Slack user; engine for what nobody asked for",
      },
      since: {
        kind: "parsed",
        parse: parseSince,
        optional: true,
        placeholder: "T",
        brief: "Only acts since then: 2h, 3d, 2026-11-24 (UTC) or 2026-11-24T08:00:00Z",
      },
      verify: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Follow the whole log to the head that the engine signed, and print that head",
      },
      kept: {
        kind: "parsed",
        parse: parseAuditPlace,
        optional: true,
        placeholder: "HEAD",
        brief: "Verify, and that the log still holds this head, printed by an earlier --verify",
      },
      export: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Write the whole log as lines of JSON that can be verified without the cluster; in a terminal only",
      },
      exported: {
        kind: "parsed",
        parse: parseAuditPlace,
        optional: true,
        placeholder: "HEAD",
        brief:
          "Say that everything up to this head is kept elsewhere: the engine then removes what is old of it; in a terminal only",
      },
    },
    globals: [...LIST_GLOBALS, "noBlock", "timeout", "reason"],
    examples: [
      { words: "audit --since 2h", does: "what happened lately" },
      { words: "audit --by dev --fields time,act,subjects,why", does: "what dev did, and why" },
      { words: "audit --verify", does: "0 when nobody touched the log; prints its head as 57:<hex>, to keep" },
      { words: "audit --export", does: "all of it as lines of JSON, to verify elsewhere", only: "terminal" },
      {
        words: `audit --exported 57:${"ab".repeat(32)}`,
        does: "the export up to its head is safe: etcd need not keep what is old",
        only: "terminal",
      },
    ],
    load: async () => (await import("../handlers/audit.ts")).audit,
  }),
];
