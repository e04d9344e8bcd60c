import { buildCommand, type Command, type FlagParametersForType, type TypedCommandParameters } from "@stricli/core";
import { approachOf, type Approach } from "../approach.ts";
import type { CommandContext, Surface } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { GLOBAL_ALIASES, GLOBAL_FLAGS, type GlobalFlags } from "./global-flags.ts";
import type { ParseContext } from "./parse-context.ts";

/** Chapter of help that a verb stands in. */
export type Group = "units" | "services" | "guard" | "machines" | "cluster";

/** What a verb does to the cluster. Reading is never refused; who may mutate says the cluster's policy. */
export type Access = "nothing" | "reads" | "mutates";

type Example = {
  readonly words: string;
  readonly does: string;
  /** Where it makes sense. @default both */
  readonly only?: Surface;
};

/** Of a verb without flags of its own. */
export type NoFlags = Readonly<Record<never, never>>;

type Facts = {
  /** `["status"]`, `["etcd", "get"]`. */
  readonly path: readonly string[];
  readonly aliases?: readonly string[];
  readonly group: Group;
  /** One line, a verb in the imperative first. */
  readonly brief: string;
  /** What the line does not say; plain text. */
  readonly description?: string;
  /** What is so in a terminal alone. */
  readonly inTerminal?: string;
  readonly access: Access;
  /** `plan` can say what it would lead to. @default false */
  readonly foreseen?: boolean;
  /** Where it cannot be typed is refused with USAGE. @default both */
  readonly surfaces?: readonly Surface[];
  /** At least one; the first is the one that help shows in the overview. */
  readonly examples: readonly [Example, ...Example[]];
  /** Global flags that matter to it, named in its help. */
  readonly globals: readonly (keyof GlobalFlags)[];
};

/** What a handler gets. */
type Input<Flags, Arguments> = {
  readonly flags: Flags & GlobalFlags;
  readonly args: Arguments;
  readonly spec: CommandSpec;
  readonly catalogue: readonly CommandSpec[];
  /** Where it was typed. */
  readonly surface: Surface;
};

/** A verb's deed. It may throw {@link CodedError}s; each becomes a view. */
export type Handler<Flags, Arguments> = (
  input: Input<Flags, Arguments>,
  context: CommandContext,
  signal: AbortSignal,
) => AsyncIterable<CommandUpdate>;

/** The unit files at hand, which need no cluster. */
export type LocalFiles = Pick<CommandContext, "readUnitFile" | "textBlock">;

/** A deed that needs no cluster: help, version, verify. */
export type LocalHandler<Flags, Arguments> = (
  input: Input<Flags, Arguments>,
  files: LocalFiles,
) => AsyncIterable<CommandUpdate>;

/** A deed that must come about also where the cluster cannot be reached: it gets the way there, and goes it itself. */
export type ApproachHandler<Flags, Arguments> = (
  input: Input<Flags, Arguments>,
  approach: Approach,
  signal: AbortSignal,
) => AsyncIterable<CommandUpdate>;

/** One verb of the catalogue. */
export type CommandSpec = Facts & {
  /** `status`, `etcd get`. */
  readonly name: string;
  readonly grammar: Command<ParseContext>;
};

/** A verb with its flags and arguments, parsed and not yet run. */
export type Call = {
  readonly spec: CommandSpec;
  readonly flags: GlobalFlags;
  /** Runs it without a cluster; `null` when it needs one. */
  readonly runLocally: ((files: LocalFiles) => AsyncIterable<CommandUpdate>) | null;
  /** Runs it before a cluster was reached; `null` when it needs one that was. */
  readonly runOnApproach: ((approach: Approach, signal: AbortSignal) => AsyncIterable<CommandUpdate>) | null;
  run(context: CommandContext, signal: AbortSignal): AsyncIterable<CommandUpdate>;
};

type Definition<Flags extends Readonly<Record<string, unknown>>, Arguments extends readonly unknown[]> = Facts & {
  readonly flags?: FlagParametersForType<Flags, ParseContext>;
  /** One-letter names of flags. */
  readonly letters?: Readonly<Record<string, string>>;
  readonly positional?: TypedCommandParameters<Flags, Arguments, ParseContext>["positional"];
} & (
    | {
        /** Loads the handler when it is needed: help and errors must not wait for etcd's client. */
        readonly load: () => Promise<Handler<Flags, Arguments>>;
      }
    | { readonly loadLocal: () => Promise<LocalHandler<Flags, Arguments>> }
    | { readonly loadOnApproach: () => Promise<ApproachHandler<Flags, Arguments>> }
  );

export function defineCommand<Flags extends Readonly<Record<string, unknown>>, Arguments extends readonly unknown[]>(
  definition: Definition<Flags, Arguments>,
): CommandSpec {
  const { flags, letters, positional, ...facts } = definition;
  const parameters = {
    flags: { ...flags, ...GLOBAL_FLAGS },
    aliases: { ...letters, ...GLOBAL_ALIASES },
    ...(positional === undefined ? {} : { positional }),
    // The library's conditional types cannot be resolved for open type parameters; each part was checked above.
  } as unknown as TypedCommandParameters<Flags & GlobalFlags, Arguments, ParseContext>;
  const spec: CommandSpec = {
    ...facts,
    name: facts.path.join(" "),
    grammar: buildCommand<Flags & GlobalFlags, Arguments, ParseContext>({
      parameters,
      docs: {
        brief: facts.brief,
        ...(facts.description === undefined ? {} : { fullDescription: `${facts.brief}.\n\n${facts.description}` }),
      },
      func(this: ParseContext, given: Flags & GlobalFlags, ...args: Arguments) {
        const input = { flags: given, args, spec, catalogue: this.catalogue, surface: this.surface };
        const runLocally =
          "loadLocal" in definition ? (files: LocalFiles) => locally(definition.loadLocal, input, files) : null;
        const runOnApproach =
          "loadOnApproach" in definition
            ? (approach: Approach, signal: AbortSignal) =>
                approaching(definition.loadOnApproach, { input, approach }, signal)
            : null;
        this.accept({
          spec,
          flags: given,
          runLocally,
          runOnApproach,
          async *run(context, signal) {
            if ("load" in definition) yield* (await definition.load())(input, context, signal);
            else if (runOnApproach !== null) yield* runOnApproach(approachOf(context), signal);
            else if (runLocally !== null) yield* runLocally(context);
          },
        });
      },
    }),
  };
  return spec;
}

async function* locally<Flags, Arguments>(
  load: () => Promise<LocalHandler<Flags, Arguments>>,
  input: Input<Flags, Arguments>,
  files: LocalFiles,
): AsyncIterable<CommandUpdate> {
  yield* (await load())(input, files);
}

async function* approaching<Flags, Arguments>(
  load: () => Promise<ApproachHandler<Flags, Arguments>>,
  { input, approach }: { readonly input: Input<Flags, Arguments>; readonly approach: Approach },
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  yield* (await load())(input, approach, signal);
}
