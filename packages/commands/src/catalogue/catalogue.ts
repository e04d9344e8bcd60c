import type { CommandSpec } from "../grammar/define-command.ts";
import { CLUSTER_COMMANDS } from "./cluster.ts";
import { GUARD_COMMANDS } from "./guard.ts";
import { MACHINE_COMMANDS } from "./machines.ts";
import { SERVICE_COMMANDS } from "./services.ts";
import { UNIT_COMMANDS } from "./units.ts";

/** Every verb there is, in the order of help. Grammar, help, did-you-mean and docs/reference/cli.md all come from here. */
export const CATALOGUE: readonly CommandSpec[] = [
  ...CLUSTER_COMMANDS,
  ...UNIT_COMMANDS,
  ...SERVICE_COMMANDS,
  ...MACHINE_COMMANDS,
  ...GUARD_COMMANDS,
];
