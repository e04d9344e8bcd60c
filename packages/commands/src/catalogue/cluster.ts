import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { parseCount } from "../grammar/parse-count.ts";
import type { EtcdLsFlags } from "../handlers/etcd-ls.ts";
import type { UnitStatusFlags } from "../handlers/unit-status.ts";
import { LIST_GLOBALS, READ_GLOBALS, word } from "./parameters.ts";

const KEY = word("KEY", "A whole key, beginning with /");

export const CLUSTER_COMMANDS: readonly CommandSpec[] = [
  defineCommand<UnitStatusFlags, readonly string[]>({
    path: ["status"],
    group: "cluster",
    brief: "Show the cluster on one screen, or units with what they said last",
    access: "reads",
    flags: {
      lines: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        placeholder: "N",
        brief: "With units: how many journal lines of each (10)",
      },
      machine: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "MACHINE",
        brief: "With units: only their copies on this machine",
      },
    },
    letters: { n: "lines" },
    positional: { kind: "array", parameter: word("UNIT", "Units; none for the cluster") },
    globals: READ_GLOBALS,
    examples: [
      { words: "status", does: "is the cluster well?" },
      { words: "status hello.service", does: "is this unit well?" },
    ],
    load: async () => (await import("../handlers/status.ts")).status,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["doctor"],
    group: "cluster",
    brief: "Examine the way to the cluster and the cluster, and say what to try",
    description:
      "A check a line: the context, the certificates, every endpoint as far as one comes, etcd's members, what we may, the engine and the agents. A check that rests on one that failed is skipped. 0 when none failed, 7 when no etcd answers, else 1. Writes nothing.",
    access: "reads",
    globals: READ_GLOBALS,
    examples: [
      { words: "doctor", does: "what is wrong, and what to try" },
      { words: "doctor -o json", does: "for a script" },
    ],
    loadOnApproach: async () => (await import("../handlers/doctor.ts")).doctor,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["plan"],
    group: "cluster",
    brief: "Say what a change would lead to, step by step and why, and change nothing",
    description:
      "For submit, load, start, stop, unload, destroy, deploy, set-metadata, cordon, uncordon, drain and rebalance, with the words and flags that each takes. Of a deploy that is the first wave, and what waits for it. What the engine would refuse is refused. Nothing is asked and nothing is audited; what happens meanwhile may change the plan.",
    access: "reads",
    positional: { kind: "array", parameter: word("VERB…", "A verb that changes something, and its words") },
    globals: READ_GLOBALS,
    examples: [
      { words: "plan rebalance --max 5", does: "which units would move, from where to where" },
      { words: "plan deploy web 1.1.0", does: "which replicas would be replaced first, and where" },
      { words: "plan drain m2", does: "where each would go, and what would stay" },
    ],
    loadLocal: async () => (await import("../handlers/plan.ts")).plan,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["etcd", "get"],
    group: "cluster",
    brief: "Print the value of a key of etcd",
    description: "A value that is not text is printed with -o json alone, in base64.",
    access: "reads",
    positional: { kind: "tuple", parameters: [KEY] },
    globals: READ_GLOBALS,
    examples: [{ words: "etcd get /hello", does: "its value" }],
    load: async () => (await import("../handlers/etcd-get.ts")).etcdGet,
  }),
  defineCommand<NoFlags, readonly [string, string]>({
    path: ["etcd", "set"],
    group: "cluster",
    brief: "Write a key of etcd; Quarterdeck's own keys are refused",
    description: "Prints the value. A value that begins with a dash stands behind --.",
    access: "mutates",
    surfaces: ["terminal"],
    positional: {
      kind: "tuple",
      parameters: [KEY, word("VALUE", "Text; - takes the standard input as it is, up to 1.5 MiB")],
    },
    globals: READ_GLOBALS,
    examples: [
      { words: "etcd set /hello world", does: "write it" },
      { words: "etcd set /motd -", does: "what comes on standard input: < /etc/motd" },
      { words: "etcd set /offset -- -5", does: "a value that looks like a flag" },
    ],
    load: async () => (await import("../handlers/etcd-set.ts")).etcdSet,
  }),
  defineCommand<EtcdLsFlags, readonly [string?]>({
    path: ["etcd", "ls"],
    group: "cluster",
    brief: "List the keys of etcd like a directory: one level, or all of them",
    description: "A directory is wherever keys go on behind a /; a key that does not begin with / is not shown.",
    access: "reads",
    flags: {
      recursive: { kind: "boolean", default: false, withNegated: false, brief: "All below it, not one level" },
      slash: { kind: "boolean", default: false, withNegated: false, brief: "End directories with a /" },
    },
    letters: { p: "slash" },
    positional: {
      kind: "tuple",
      parameters: [{ ...word("PATH", "A directory, or a key; / for all"), optional: true }],
    },
    globals: READ_GLOBALS,
    examples: [
      { words: "etcd ls", does: "the first level" },
      { words: "etcd ls --recursive -p /quarterdeck/units", does: "everything below, directories with a /" },
    ],
    load: async () => (await import("../handlers/etcd-ls.ts")).etcdLs,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["etcd", "members"],
    group: "cluster",
    brief: "List the members of etcd, and who leads",
    description: "Fields: id, name, endpoint, healthy, leader, version, size, alarms.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [{ words: "etcd members", does: "is there a quorum?" }],
    load: async () => (await import("../handlers/etcd-members.ts")).etcdMembers,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["help"],
    group: "cluster",
    brief: "Say what there is, or what a verb does",
    access: "nothing",
    positional: { kind: "array", parameter: word("TOPIC", "A verb, or flags, exit-codes, not-yet") },
    globals: [],
    examples: [
      { words: "help", does: "all verbs" },
      { words: "help deploy", does: "one verb, with examples" },
      { words: "help exit-codes", does: "what a script can rely on" },
    ],
    loadLocal: async () => (await import("../handlers/help.ts")).help,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["version"],
    group: "cluster",
    brief: "Print the version",
    access: "nothing",
    globals: READ_GLOBALS,
    examples: [{ words: "version", does: "of this program" }],
    loadLocal: async () => (await import("../handlers/version.ts")).version,
  }),
];
