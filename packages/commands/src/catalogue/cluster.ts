import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { parseCount } from "../grammar/parse-count.ts";
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
  defineCommand<NoFlags, readonly [string]>({
    path: ["etcd", "get"],
    group: "cluster",
    brief: "Print the value of a key of etcd",
    access: "reads",
    positional: { kind: "tuple", parameters: [KEY] },
    globals: READ_GLOBALS,
    examples: [{ words: "etcd get /hello", does: "its value" }],
    load: async () => (await import("../handlers/etcd.ts")).etcdGet,
  }),
  defineCommand<NoFlags, readonly [string, string]>({
    path: ["etcd", "set"],
    group: "cluster",
    brief: "Write a key of etcd; Quarterdeck's own keys are refused",
    access: "mutates",
    surfaces: ["terminal"],
    positional: { kind: "tuple", parameters: [KEY, word("VALUE", "Text")] },
    globals: READ_GLOBALS,
    examples: [{ words: "etcd set /hello world", does: "write it" }],
    load: async () => (await import("../handlers/etcd.ts")).etcdSet,
  }),
  defineCommand<NoFlags, readonly [string?]>({
    path: ["etcd", "ls"],
    group: "cluster",
    brief: "List the keys of etcd below a prefix",
    access: "reads",
    positional: { kind: "tuple", parameters: [{ ...word("PREFIX", "Where to begin; / for all"), optional: true }] },
    globals: READ_GLOBALS,
    examples: [{ words: "etcd ls /quarterdeck/units/", does: "keys only" }],
    load: async () => (await import("../handlers/etcd.ts")).etcdLs,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["etcd", "members"],
    group: "cluster",
    brief: "List the members of etcd, and who leads",
    description: "Fields: name, id, endpoint, healthy, leader, version, size.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [{ words: "etcd members", does: "is there a quorum?" }],
    load: async () => (await import("../handlers/etcd.ts")).etcdMembers,
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
