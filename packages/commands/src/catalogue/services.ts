import { defineCommand, type CommandSpec, type NoFlags } from "../grammar/define-command.ts";
import { parseCount } from "../grammar/parse-count.ts";
import type { DeployFlags } from "../handlers/deploy.ts";
import { CHANGE_GLOBALS, LIST_GLOBALS, READ_GLOBALS, word } from "./parameters.ts";

const SERVICE = word("SERVICE", "A service: the part of its template's name before the @");

export const SERVICE_COMMANDS: readonly CommandSpec[] = [
  defineCommand<NoFlags, readonly []>({
    path: ["services"],
    group: "services",
    brief: "List services: which release each runs, and how many replicas are healthy",
    description:
      "The release and version are what most replicas run; mixed when others run another one. ROLLOUT is the one under way, or how many replicas the newest had replaced when it failed; JSON gives the id of either. Fields: service, release, version, desired, running, healthy, rollout, image.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [{ words: "services", does: "all of them" }],
    load: async () => (await import("../handlers/services.ts")).services,
  }),
  defineCommand<DeployFlags, readonly [string, string]>({
    path: ["deploy"],
    group: "services",
    brief: "Roll a version of a service out behind its health check",
    description:
      "Replicas are replaced MaxParallel at a time; a replica that does not become healthy stops the rollout, and the others stay as they are. Waits for 10 minutes without progress unless --timeout says otherwise.",
    access: "mutates",
    foreseen: true,
    flags: {
      canary: {
        kind: "parsed",
        parse: parseCount,
        optional: true,
        placeholder: "N",
        brief: "How many replicas go first and wait for promote",
      },
      maxParallel: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "N|N%",
        brief: "How many replicas at once, instead of the unit file's MaxParallel",
      },
      allowTag: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Deploy the tag as it is when the registry cannot say its digest",
      },
    },
    positional: { kind: "tuple", parameters: [SERVICE, word("VERSION", "A tag of the service's image")] },
    globals: CHANGE_GLOBALS,
    examples: [
      { words: "deploy web 1.1.0", does: "0 once every replica runs it and is healthy" },
      { words: "deploy web 1.1.0 --max-parallel 2 --reason 'fixes login'", does: "two at a time, and say why" },
    ],
    load: async () => (await import("../handlers/deploy.ts")).deploy,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["releases"],
    group: "services",
    brief: "List the releases of a service, newest first",
    description: "Fields: release, version, by, at, why, image, hash.",
    access: "reads",
    positional: { kind: "tuple", parameters: [SERVICE] },
    globals: LIST_GLOBALS,
    examples: [{ words: "releases web", does: "what was deployed, when and by whom" }],
    load: async () => (await import("../handlers/releases.ts")).releases,
  }),
  defineCommand<NoFlags, readonly []>({
    path: ["rollouts"],
    group: "services",
    brief: "List rollouts, newest first",
    description: "Fields: rollout, version, state, updated, by, started, service, release, ended, reason.",
    access: "reads",
    globals: LIST_GLOBALS,
    examples: [{ words: "rollouts", does: "which are under way, which are done" }],
    load: async () => (await import("../handlers/rollouts.ts")).rollouts,
  }),
  defineCommand<NoFlags, readonly [string]>({
    path: ["rollout"],
    group: "services",
    brief: "Show one rollout, replica by replica",
    access: "reads",
    positional: { kind: "tuple", parameters: [word("ID", "A rollout's id, or a service for its newest")] },
    globals: READ_GLOBALS,
    examples: [{ words: "rollout web", does: "the newest of web" }],
    load: async () => (await import("../handlers/rollout.ts")).rollout,
  }),
];
