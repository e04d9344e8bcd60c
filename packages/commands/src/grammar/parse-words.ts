import { nearest, problemSchema, refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import { buildApplication, buildRouteMap, run, type Application, type RouteMap } from "@stricli/core";
import { CATALOGUE } from "../catalogue/catalogue.ts";
import { NOT_YET, NOT_YET_FLAGS } from "../catalogue/not-yet.ts";
import type { Surface } from "../command-context.ts";
import type { Call, CommandSpec } from "./define-command.ts";
import { hoistVerb } from "./global-flags.ts";
import { grammarText } from "./grammar-text.ts";
import type { ParseContext } from "./parse-context.ts";

/**
 * Words → a verb with its flags and arguments, ready to run. Global flags may stand before the verb; `--help` anywhere, no words at all,
 * or a group such as `etcd` alone, ask for help. Refuses with UNKNOWN_COMMAND, USAGE or NOT_YET.
 */
export async function parseWords(words: readonly string[], surface: Surface): Promise<Result<Call>> {
  const ordered = hoistVerb(words);
  const verb = ordered[0];
  if (wantsHelp(ordered)) return parse(["help", ...topicOf(ordered)], surface);
  if (ordered.includes("--version") && verb?.startsWith("-") === true) return parse(["version"], surface);
  const planned = verb === "plan" ? ordered.slice(1) : [];
  const notYet = notYetProblem(planned.length > 0 ? planned : ordered);
  if (notYet !== null) return refuse(notYet);
  if (planned.length > 0) return parsePlanned(planned, surface);
  return parse(ordered, surface);
}

/** `plan VERB …`: the verb's own words, whose change is only foreseen. */
async function parsePlanned(words: readonly string[], surface: Surface): Promise<Result<Call>> {
  const parsed = await parse(hoistVerb(words), surface);
  if (!parsed.ok) return parsed;
  const { spec } = parsed.value;
  if (spec.foreseen !== true) {
    return refuse({
      code: "USAGE",
      message: `${spec.name} cannot be planned`,
      why: `these can: ${CATALOGUE.filter((one) => one.foreseen === true)
        .map((one) => one.name)
        .join(", ")}`,
      try: spec.access === "mutates" ? `fleet help ${spec.name}` : `fleet ${words.map(quoted).join(" ")}`,
    });
  }
  // Nothing is asked before something that does nothing.
  const dry = { dryRun: true, confirm: () => Promise.resolve(true) };
  return succeed({
    ...parsed.value,
    spec: CATALOGUE.find((one) => one.name === "plan") ?? spec,
    run: (context, signal) => parsed.value.run({ ...context, ...dry }, signal),
  });
}

let application: Application<ParseContext> | undefined;

async function parse(words: readonly string[], surface: Surface): Promise<Result<Call>> {
  application ??= buildApplication(
    routes(CATALOGUE),
    { name: "fleet", scanner: SCANNER, localization: { text: grammarText } },
    {},
  );
  let accepted: Call | undefined;
  const errors: string[] = [];
  const silent = { write: () => undefined };
  await run(application, words, {
    process: { stdout: silent, stderr: { write: (text) => void errors.push(text) } },
    catalogue: CATALOGUE,
    surface,
    accept: (call) => {
      accepted = call;
    },
  });
  if (errors.length > 0) return refuse(readProblem(errors.join(""), words));
  if (accepted === undefined) return parse(["help", ...words], surface);
  if (accepted.spec.surfaces?.includes(surface) === false) return refuse(wrongSurface(accepted.spec, surface));
  return succeed(accepted);
}

const SCANNER = { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true } as const;

/** Verbs of two words become a map of their own below the first. */
function routes(specs: readonly CommandSpec[], depth = 0): RouteMap<ParseContext> {
  const heads = Map.groupBy(specs, (spec) => spec.path[depth] ?? "");
  const table: Record<string, CommandSpec["grammar"] | RouteMap<ParseContext>> = {};
  const aliases: Record<string, string> = {};
  for (const [head, members] of heads) {
    const single = members.find((spec) => spec.path.length === depth + 1);
    table[head] = single?.grammar ?? routes(members, depth + 1);
    for (const alias of single?.aliases ?? []) aliases[alias] = head;
  }
  return buildRouteMap({ routes: table, aliases, docs: { brief: "The cluster's verbs" } });
}

/** The grammar's errors are written by {@link grammarText}, a JSON problem a line; several at once are told as one. */
function readProblem(text: string, words: readonly string[]): Problem {
  const problems = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => problemSchema.parse(JSON.parse(line)));
  const [first] = problems;
  if (first === undefined) return { code: "INTERNAL", message: "the grammar refused without saying why" };
  const verb = words[0] ?? "";
  if (first.code === "UNKNOWN_COMMAND") return withGuess(first, words);
  const why = problems.slice(1).map((problem) => problem.message);
  return {
    ...first,
    ...(why.length === 0 ? {} : { why: why.join("; ") }),
    try: first.try ?? `fleet help ${nameOf(words) ?? verb}`,
  };
}

/** The nearest verb, if one is near; one that is not yet may have been meant, and one below a group is named in full. */
function withGuess(problem: Problem, words: readonly string[]): Problem {
  const [verb = "", below] = words;
  const group = CATALOGUE.filter((spec) => spec.path.length > 1 && spec.path[0] === verb);
  if (group.length > 0) {
    const near = nearest(
      below ?? "",
      group.map((spec) => spec.path[1] ?? ""),
    );
    return {
      ...problem,
      message: `there is no ${verb} ${below ?? ""}`,
      try: near === null ? `fleet help ${verb}` : ["fleet", verb, near, ...words.slice(2).map(quoted)].join(" "),
    };
  }
  const close = nearest(verb, [...CATALOGUE.map((spec) => spec.path[0] ?? ""), ...Object.keys(NOT_YET)]);
  if (close === null) return { ...problem, try: "fleet help" };
  return Object.hasOwn(NOT_YET, close)
    ? { ...problem, why: `${close} may be meant, which this version cannot do yet`, try: "fleet help" }
    : { ...problem, try: ["fleet", close, ...words.slice(1).map(quoted)].join(" ") };
}

/** `etcd set` of words that begin so. */
function nameOf(words: readonly string[]): string | undefined {
  return CATALOGUE.find((one) => one.path.every((part, at) => words[at] === part))?.name;
}

/** As it has to be typed. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function wantsHelp(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  const before = end < 0 ? words : words.slice(0, end);
  return words.length === 0 || before.some((word) => word === "--help" || word === "-h");
}

function topicOf(words: readonly string[]): readonly string[] {
  const flag = words.findIndex((word) => word.startsWith("-"));
  const topic = flag < 0 ? words : words.slice(0, flag);
  return nameOf(topic)?.split(" ") ?? topic.slice(0, 1);
}

function notYetProblem(words: readonly string[]): Problem | null {
  const verb = words[0] ?? "";
  if (Object.hasOwn(NOT_YET, verb)) {
    return {
      code: "NOT_YET",
      message: `${verb}: not yet`,
      why: `this version cannot ${NOT_YET[verb] ?? verb}`,
      try: "fleet help",
    };
  }
  const flags = [...(NOT_YET_FLAGS["*"] ?? []), ...(NOT_YET_FLAGS[verb] ?? [])];
  const found = words.find((word) => flags.some((flag) => word === flag || word.startsWith(`${flag}=`)));
  return found === undefined
    ? null
    : {
        code: "NOT_YET",
        message: `${found}: not yet`,
        why: `this version's ${verb} does not know it`,
        try: `fleet help ${verb}`,
      };
}

function wrongSurface(spec: CommandSpec, surface: Surface): Problem {
  const here = surface === "slack" ? "Slack" : "the terminal";
  return {
    code: "USAGE",
    message: `${spec.name} cannot be used in ${here}`,
    try: surface === "slack" ? `in a terminal: fleet ${spec.name}` : `in Slack: /fleet ${spec.name}`,
  };
}
