import type { Access, CommandSpec } from "../grammar/define-command.ts";
import { GLOBAL_ALIASES, GLOBAL_FLAGS, type GlobalFlags } from "../grammar/global-flags.ts";

/** A verb as help and the reference print it; all of it out of the grammar that parses it. */
export type Described = {
  /** `fleet deploy SERVICE VERSION [--canary N] …`. */
  readonly usage: string;
  readonly aliases: readonly string[];
  readonly arguments: readonly Line[];
  readonly flags: readonly Line[];
  readonly globals: readonly Line[];
  /** Who may. */
  readonly access: string;
};

export type Line = { readonly label: string; readonly value: string };

export function describeCommand(spec: CommandSpec): Described {
  const { parameters } = spec.grammar;
  const own = Object.entries(parameters.flags ?? {}).filter(([name]) => !Object.hasOwn(GLOBAL_FLAGS, name));
  return {
    usage: usageOf(spec),
    aliases: spec.aliases ?? [],
    arguments: describeArguments(spec),
    flags: own.map(([name, flag]) => describeFlag(name, flag, parameters.aliases ?? {})),
    globals: spec.globals.map(describeGlobal),
    access: ACCESS[spec.access],
  };
}

/** The grammar marks what must be given by <>; here it is bare, as everywhere in our texts, and what may be left out stands in []. */
function usageOf(spec: CommandSpec): string {
  const line = spec.grammar
    .formatUsageLine({ prefix: ["fleet", ...spec.path], ansiColor: false, config: FORMAT })
    .replaceAll(/<([^<>]+)>/g, "$1");
  const { positional } = spec.grammar.parameters;
  return positional?.kind === "array" && positional.minimum === undefined ? line.replace(/(\S+\.\.\.)$/, "[$1]") : line;
}

/** All flags that every verb takes. */
export function describeGlobals(): readonly Line[] {
  return (Object.keys(GLOBAL_FLAGS) as (keyof GlobalFlags)[]).map(describeGlobal);
}

const FORMAT = {
  useAliasInUsageLine: false,
  onlyRequiredInUsageLine: false,
  caseStyle: "convert-camel-to-kebab",
} as const;

const ACCESS: Readonly<Record<Access, string>> = {
  nothing: "Anyone; the cluster is not asked.",
  reads: "Anyone with a context or in Slack: reading is never refused.",
  mutates: "Whom the cluster's policy allows this verb.",
};

type Flag = {
  readonly brief: string;
  readonly kind: string;
  readonly placeholder?: string;
  readonly default?: unknown;
};

function describeGlobal(name: keyof GlobalFlags): Line {
  return describeFlag(name, GLOBAL_FLAGS[name], GLOBAL_ALIASES);
}

function describeFlag(name: string, flag: Flag, aliases: Readonly<Record<string, string | undefined>>): Line {
  const letter = Object.keys(aliases).find((one) => aliases[one] === name);
  const value = flag.kind === "boolean" ? "" : ` ${flag.placeholder ?? "VALUE"}`;
  const fallback = typeof flag.default === "string" ? ` (${flag.default})` : "";
  return {
    label: `${letter === undefined ? "" : `-${letter}, `}--${kebab(name)}${value}`,
    value: `${flag.brief}${fallback}`,
  };
}

function describeArguments(spec: CommandSpec): readonly Line[] {
  const { positional } = spec.grammar.parameters;
  if (positional === undefined) return [];
  const line = (one: { readonly placeholder?: string; readonly brief: string }, many: string): Line => ({
    label: `${one.placeholder ?? "ARGUMENT"}${many}`,
    value: one.brief,
  });
  return positional.kind === "array"
    ? [line(positional.parameter, "…")]
    : positional.parameters.map((one) => line(one, ""));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
