import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { LIST_GLOBALS, READ_GLOBALS, word } from "./parameters.ts";

export const MACHINE_COMMANDS: readonly CommandSpec[] = [
  defineCommand<NoFlags, readonly []>({
    path: ["list-machines"],
    group: "machines",
    brief: "List machines; one whose lease is gone is lost",
    description: "Fields: machine, ip, metadata, hostname, state, version.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [
      { words: "list-machines", does: "as fleetctl prints them" },
      { words: "list-machines --fields hostname,state --full", does: "names and states" },
    ],
    load: async () => (await import("../handlers/list-machines.ts")).listMachines,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["why"],
    group: "machines",
    brief: "Say why a unit is where it is, or why it is nowhere, machine by machine",
    access: "reads",
    positional: { kind: "tuple", parameters: [word("UNIT", "A unit, or a service for all its replicas")] },
    globals: READ_GLOBALS,
    examples: [{ words: "why hello.service", does: "each machine's reason" }],
    load: async () => (await import("../handlers/why.ts")).why,
  }),
];
