import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { parseCount } from "../grammar/parse-count.ts";
import type { RebalanceFlags } from "../handlers/rebalance.ts";
import { CHANGE_GLOBALS, LIST_GLOBALS, READ_GLOBALS, word } from "./parameters.ts";

const MACHINE = word("MACHINE", "Its id, 4 or more of its first hex digits, its host name or its address");

const STATUS_OR_RELEASE = {
  parse: String,
  optional: true,
  placeholder: "status|release",
  brief: "What to do; status when nothing is said",
} as const;

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
    path: ["machine"],
    group: "machines",
    brief: "Show one machine: what it is, what is said of it, and the units on it",
    description: "Of a machine that is lost, what it was when it was last seen.",
    access: "reads",
    positional: { kind: "tuple", parameters: [MACHINE] },
    globals: READ_GLOBALS,
    examples: [{ words: "machine m1", does: "facts, metadata, state, units" }],
    load: async () => (await import("../handlers/machine.ts")).machine,
  }),
  defineCommand<NoFlags, readonly string[]>({
    path: ["set-metadata"],
    group: "machines",
    brief: "Set metadata of a machine, over what it says of itself",
    description:
      "An empty value takes the key away. Kept until it is set anew, whatever becomes of the machine. A unit whose MachineMetadata= no longer holds is stopped there, then placed elsewhere.",
    access: "mutates",
    foreseen: true,
    positional: {
      kind: "array",
      minimum: 2,
      parameter: word("MACHINE|KEY=VALUE", "A machine, then what to set of it"),
    },
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "set-metadata m1 role=db disk=ssd", does: "set two keys" },
      { words: "set-metadata m1 disk=", does: "take one away" },
    ],
    load: async () => (await import("../handlers/set-metadata.ts")).setMetadata,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["cordon"],
    group: "machines",
    brief: "Place nothing more on a machine; what it has stays",
    access: "mutates",
    foreseen: true,
    positional: { kind: "tuple", parameters: [MACHINE] },
    globals: CHANGE_GLOBALS,
    examples: [{ words: "cordon m2", does: "no new units for m2" }],
    load: async () => (await import("../handlers/cordon.ts")).cordon,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["drain"],
    group: "machines",
    brief: "Cordon a machine and move its units to others, one by one",
    description:
      "Each unit runs, and is healthy where it has a check, on its new machine before it is stopped on the old one; one with Singleton= or RunOnce= is stopped first. A move that fails is taken back and ends the drain (1). What can go nowhere else stays, with a reason per machine (5); Global units stay too. Asks first. What was drained stays cordoned until uncordon.",
    access: "mutates",
    foreseen: true,
    positional: { kind: "tuple", parameters: [MACHINE] },
    globals: [...CHANGE_GLOBALS, "yes"],
    examples: [{ words: "drain m2 --yes", does: "0 once nothing of it is left on m2" }],
    load: async () => (await import("../handlers/drain.ts")).drain,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["uncordon"],
    group: "machines",
    brief: "Let a machine take units again, after cordon or drain; nothing moves back by itself",
    access: "mutates",
    foreseen: true,
    positional: { kind: "tuple", parameters: [MACHINE] },
    globals: CHANGE_GLOBALS,
    examples: [{ words: "uncordon m2", does: "m2 takes units again" }],
    load: async () => (await import("../handlers/cordon.ts")).uncordon,
  }),
  defineCommand<RebalanceFlags, readonly []>({
    path: ["rebalance"],
    group: "machines",
    brief: "Move units until the machines have equally many, as far as constraints allow",
    description:
      "One at a time, as drain moves them. Machines that are cordoned neither give nor take. Refused (8) while another rebalance or a drain goes on.",
    access: "mutates",
    foreseen: true,
    flags: {
      max: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        placeholder: "N",
        brief: "At most so many moves, instead of as many as it takes",
      },
    },
    globals: CHANGE_GLOBALS,
    examples: [{ words: "rebalance --max 5", does: "five moves towards even" }],
    load: async () => (await import("../handlers/rebalance.ts")).rebalance,
  }),
  defineCommand<NoFlags, readonly [string | undefined]>({
    path: ["brake"],
    group: "machines",
    brief: "Look at the brake, or release it",
    description:
      "When more than a third of the machines (and at least two) are lost and not all in one zone, the engine moves nothing until a person has looked. A release needs --reason and holds for the machines that are gone then: when many others are lost later, the brake comes on again. Units with System=true are moved all the same.",
    access: "mutates",
    positional: {
      kind: "tuple",
      parameters: [STATUS_OR_RELEASE],
    },
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "brake", does: "is it on, and why?" },
      { words: "brake release --reason 'rack a burnt down'", does: "let the engine move what ran there" },
    ],
    load: async () => (await import("../handlers/brake.ts")).brake,
  }),
  defineCommand<NoFlags, readonly [string | undefined, string | undefined]>({
    path: ["reboots"],
    group: "machines",
    brief: "Look at reboots of the operating system, or take a machine out of them",
    description:
      "Machines ask by FleetLock; one of a group at a time is drained, let go, and waited for until it is back and well. A machine that does not come back keeps its turn and is shown as overdue, until release, which needs --reason, gives the turn to the next. Fields: group, hostname, phase, since, reason, machine.",
    access: "mutates",
    positional: {
      kind: "tuple",
      parameters: [STATUS_OR_RELEASE, { ...MACHINE, optional: true }],
    },
    globals: [...CHANGE_GLOBALS, ...LIST_GLOBALS.filter((name) => !CHANGE_GLOBALS.includes(name))],
    examples: [
      { words: "reboots", does: "whose turn is it, and who waits?" },
      { words: "reboots release m2 --reason 'its disk is dead'", does: "m2 will not come back" },
    ],
    load: async () => (await import("../handlers/reboots.ts")).reboots,
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
