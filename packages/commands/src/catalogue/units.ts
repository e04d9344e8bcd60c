import { JOURNAL_FORMATS } from "@quarterdeck/model";
import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { parseCount } from "../grammar/parse-count.ts";
import { parseGrep } from "../grammar/parse-grep.ts";
import { parseJournalFormat } from "../grammar/parse-journal-format.ts";
import { parsePort } from "../grammar/parse-port.ts";
import { parseSince } from "../grammar/parse-since.ts";
import { parseSshUser } from "../grammar/parse-ssh-user.ts";
import type { JournalFlags } from "../handlers/journal.ts";
import type { SshFlags } from "../handlers/ssh.ts";
import type { ReplaceFlags } from "../handlers/submit.ts";
import { CHANGE_GLOBALS, LIST_GLOBALS, READ_GLOBALS, REPLACE, word, words } from "./parameters.ts";

const UNITS = words("UNIT", "Units by name, a pattern such as 'web@*', or a service's name for its replicas");

export const UNIT_COMMANDS: readonly CommandSpec[] = [
  defineCommand<NoFlags, readonly []>({
    path: ["list-units"],
    group: "units",
    brief: "List what runs: each unit on each machine, as the agents say",
    description:
      "A unit of a lost machine says lost. Fields: unit, machine, active, sub, load, hash, outdated, health.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [
      { words: "list-units", does: "what runs, and where" },
      { words: "list-units --fields unit,active,health --no-legend", does: "three columns, for a script" },
    ],
    load: async () => (await import("../handlers/list-units.ts")).listUnits,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["list-unit-files"],
    group: "units",
    brief: "List what should be: every submitted unit, what is asked of it and how far it is",
    description: "Fields: unit, hash, outdated, dstate, state, target, global, reason.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [{ words: "list-unit-files", does: "what should be" }],
    load: async () => (await import("../handlers/list-unit-files.ts")).listUnitFiles,
  }),
  defineCommand<ReplaceFlags, readonly string[]>({
    path: ["submit"],
    group: "units",
    brief: "Give the cluster unit files; nothing is started",
    description:
      "In Slack it is one name, and the unit file stands in a ``` block. What cannot be read, and what systemd would not start for certain (an unknown Type=, a relative path), is refused with its line.",
    inTerminal: "In the terminal the arguments are files.",
    access: "mutates",
    foreseen: true,
    flags: REPLACE,
    positional: words("FILE", "Unit files; in Slack the unit's name"),
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "submit examples/hello.service", does: "make hello.service known", only: "terminal" },
      { words: "submit --replace web@.service", does: "change the text of a template", only: "terminal" },
      { words: "submit hello.service", does: "and behind it the unit file between two lines of ```", only: "slack" },
    ],
    load: async () => (await import("../handlers/submit.ts")).submit,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["verify"],
    group: "units",
    brief: "Examine unit files before anybody runs them; asks no cluster",
    description:
      "Says what submit or systemd would refuse, and the mistakes that both accept: a container that ignores SIGTERM, a misspelt key, a dependency without an order. 1 when there is an error; warnings alone are 0. Rules have fixed names.",
    inTerminal: "The arguments are files.",
    access: "nothing",
    positional: words("FILE", "Unit files; in Slack the unit's name"),
    globals: READ_GLOBALS,
    examples: [
      { words: "verify web@.service", does: "what is wrong with it?", only: "terminal" },
      { words: "verify web@.service", does: "and behind it the unit file between two lines of ```", only: "slack" },
    ],
    loadLocal: async () => (await import("../handlers/verify.ts")).verify,
  }),
  defineCommand<ReplaceFlags, readonly string[]>({
    path: ["load"],
    group: "units",
    brief: "Put units on machines without starting them",
    inTerminal: "A file of that name in the working directory is submitted on the way.",
    access: "mutates",
    foreseen: true,
    flags: REPLACE,
    positional: UNITS,
    globals: CHANGE_GLOBALS,
    examples: [{ words: "load hello.service", does: "place it, do not start it" }],
    load: async () => (await import("../handlers/start.ts")).load,
  }),
  defineCommand<ReplaceFlags, readonly string[]>({
    path: ["start"],
    group: "units",
    brief: "Start units and wait until they are active and healthy",
    description:
      "A unit that runs once is waited for until it has succeeded, a global unit until it is active on every machine that it was given.",
    inTerminal: "A file of that name in the working directory is submitted on the way.",
    access: "mutates",
    foreseen: true,
    flags: REPLACE,
    positional: UNITS,
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "start hello.service", does: "0 only when it is active" },
      { words: "start ./hello.service", does: "submit the file and start it", only: "terminal" },
      { words: "start hello.service --no-block", does: "return once it is asked for" },
    ],
    load: async () => (await import("../handlers/start.ts")).start,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["restart"],
    group: "units",
    brief: "Restart units where they are, one after another",
    description:
      "Each is active, and healthy where it has a check, before the next one is touched; the first that is not ends it. What was stopped is started. A global unit restarts on one machine after another. With --no-block all units are asked for at once. Nothing moves.",
    access: "mutates",
    foreseen: true,
    positional: UNITS,
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "restart hello.service", does: "0 once it runs anew" },
      { words: "restart web", does: "all replicas of a service, one by one" },
    ],
    load: async () => (await import("../handlers/restart.ts")).restart,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["stop"],
    group: "units",
    brief: "Stop units; they stay on their machines",
    description: "A replica of a service cannot be stopped by hand.",
    access: "mutates",
    foreseen: true,
    positional: UNITS,
    globals: CHANGE_GLOBALS,
    examples: [{ words: "stop hello.service", does: "0 once it is not active anywhere" }],
    load: async () => (await import("../handlers/stop.ts")).stop,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["unload"],
    group: "units",
    brief: "Stop units and take them off their machines; the cluster still knows them",
    access: "mutates",
    foreseen: true,
    positional: UNITS,
    globals: CHANGE_GLOBALS,
    examples: [{ words: "unload hello.service", does: "back to inactive" }],
    load: async () => (await import("../handlers/stop.ts")).unload,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["destroy"],
    group: "units",
    brief: "Stop units and forget them",
    description: "A pattern is confirmed by --yes, or in a terminal by answering.",
    access: "mutates",
    foreseen: true,
    positional: UNITS,
    globals: ["yes", ...CHANGE_GLOBALS],
    examples: [
      { words: "destroy hello.service", does: "stop it and forget it" },
      { words: "destroy 'job-*.service' --yes", does: "many at once" },
    ],
    load: async () => (await import("../handlers/stop.ts")).destroy,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["cat"],
    group: "units",
    brief: "Print a unit file as it was submitted",
    access: "reads",
    positional: { kind: "tuple", parameters: [word("UNIT", "A unit, or a service for its template")] },
    globals: READ_GLOBALS,
    examples: [{ words: "cat hello.service", does: "its text" }],
    load: async () => (await import("../handlers/cat.ts")).cat,
  }),
  defineCommand<JournalFlags, readonly [string]>({
    path: ["journal"],
    aliases: ["logs"],
    group: "units",
    brief: "Print what a unit wrote to the journal of its machine",
    description:
      "When several machines have the unit, --machine says which. Needs no SSH: the machine's agent reads its own journal. A follower that reads slowly is waited for.",
    access: "reads",
    flags: {
      lines: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        placeholder: "N",
        brief: "How many of the newest lines (10; with --since all, up to 10000)",
      },
      follow: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Go on as more is written (terminal only)",
      },
      since: {
        kind: "parsed",
        parse: parseSince,
        optional: true,
        placeholder: "TIME",
        brief: "Only what was written since: 2h, 2026-11-24 (UTC) or 2026-11-24T08:00:00Z",
      },
      grep: {
        kind: "parsed",
        parse: parseGrep,
        optional: true,
        placeholder: "PATTERN",
        brief: "Only messages that match, as journalctl --grep does",
      },
      format: {
        kind: "parsed",
        parse: parseJournalFormat,
        optional: true,
        placeholder: "FORMAT",
        brief: `As journalctl --output prints it: ${JOURNAL_FORMATS.join(", ")}`,
      },
      machine: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "MACHINE",
        brief: "Of which machine: id, 4 digits of it, host name or address",
      },
    },
    letters: { n: "lines", f: "follow" },
    positional: { kind: "tuple", parameters: [word("UNIT", "A unit, or a service with one replica")] },
    globals: READ_GLOBALS,
    examples: [
      { words: "journal hello.service", does: "its last 10 lines" },
      { words: "logs -f hello.service", does: "follow it", only: "terminal" },
      { words: "journal hello.service --since 2h --grep error --format short-iso", does: "its errors of two hours" },
    ],
    load: async () => (await import("../handlers/journal.ts")).journal,
  }),
  defineCommand<SshFlags, readonly string[]>({
    path: ["ssh"],
    group: "units",
    brief: "Open a shell on a machine, or on the machine that has a unit, by your own OpenSSH",
    description:
      "With a command it runs that instead, as ssh does; put -- before it when it has flags of its own. Ends with what ssh ends with, 255 when it could not connect. Keys, agents and jumps are those of your ssh configuration.",
    access: "reads",
    surfaces: ["terminal"],
    flags: {
      machine: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "MACHINE",
        brief: "Of a unit that is on several machines: which one",
      },
      user: { kind: "parsed", parse: parseSshUser, optional: true, placeholder: "NAME", brief: "As whom (core)" },
      port: { kind: "parsed", parse: parsePort, optional: true, placeholder: "N", brief: "Where sshd listens (22)" },
      forwardAgent: { kind: "boolean", default: false, withNegated: false, brief: "Forward your ssh agent" },
    },
    letters: { A: "forwardAgent" },
    positional: words("MACHINE|UNIT", "A machine or a unit, then what to run there"),
    globals: [],
    examples: [
      { words: "ssh m1", does: "a shell on m1" },
      { words: "ssh hello.service -- docker ps --all", does: "a command where hello.service is" },
    ],
    load: async () => (await import("../handlers/ssh.ts")).ssh,
  }),
];
