import type { CommandContext as GrammarContext } from "@stricli/core";
import type { Surface } from "../command-context.ts";
import type { Call, CommandSpec } from "./define-command.ts";

/** Handed through the grammar: a parsed command is accepted here instead of being run, so that parsing does nothing else. */
export type ParseContext = GrammarContext & {
  readonly catalogue: readonly CommandSpec[];
  readonly surface: Surface;
  accept(call: Call): void;
};
