import { problemOf, type Problem } from "@quarterdeck/model";
import type { Approach } from "./approach.ts";
import type { CommandContext } from "./command-context.ts";
import type { CommandUpdate } from "./command-update.ts";
import type { Call, LocalFiles } from "./grammar/define-command.ts";
import { outputOf } from "./grammar/global-flags.ts";
import { parseWords } from "./grammar/parse-words.ts";
import { problemView } from "./show/final.ts";
import { wordsOfSlack } from "./show/words-of-slack.ts";
import type { View } from "./view.ts";

/**
 * Runs what was typed: any number of progress updates, then exactly one that is final. Never throws but for an abort of the signal: every
 * problem is a final view with its exit code. In Slack `--output json` makes the view one code block, and no words at all are answered by
 * how the cluster is and what to type.
 */
export async function* runCommand(
  words: readonly string[],
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const inSlack = context.surface === "slack";
  const json = inSlack && outputOf(words) === "json";
  for await (const update of inSlack && words.length === 0
    ? launch(context, signal)
    : runWords(words, context, signal)) {
    if (!inSlack || update.kind === "lines") yield update;
    else {
      const view = wordsOfSlack(update.view);
      yield { ...update, view: json && update.kind === "done" ? asJson(view) : view };
    }
  }
}

async function* launch(context: CommandContext, signal: AbortSignal): AsyncIterable<CommandUpdate> {
  const { launcher } = await import("./handlers/launcher.ts");
  yield* launcher(context, signal);
}

async function* runWords(
  words: readonly string[],
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const parsed = await parseWords(words, context.surface);
  yield* parsed.ok ? runCall(parsed.value, context, signal) : refusal(parsed.error);
}

/** Like {@link runCommand} for a verb that needs no cluster. */
export async function* runLocalCall(
  run: NonNullable<Call["runLocally"]>,
  files: LocalFiles,
): AsyncIterable<CommandUpdate> {
  try {
    yield* run(files);
  } catch (error) {
    yield* refusal(problemOf(error));
  }
}

/** Like {@link runCommand} for a verb that goes the way to the cluster itself. */
export async function* runApproachCall(
  run: NonNullable<Call["runOnApproach"]>,
  approach: Approach,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  try {
    yield* run(approach, signal);
  } catch (error) {
    signal.throwIfAborted();
    yield* refusal(problemOf(error));
  }
}

/** Like {@link runCommand} for words that are parsed already. */
export async function* runCall(call: Call, context: CommandContext, signal: AbortSignal): AsyncIterable<CommandUpdate> {
  try {
    yield* call.run(context, signal);
  } catch (error) {
    signal.throwIfAborted();
    yield* refusal(forPeople(problemOf(error), context));
  }
}

async function* refusal(problem: Problem): AsyncIterable<CommandUpdate> {
  yield { kind: "done", final: true, view: problemView(problem, null) };
}

/** A person is not asked to know etcd's codes: that it does not answer means that the cluster does not. */
function forPeople(problem: Problem, context: CommandContext): Problem {
  switch (problem.code) {
    case "ETCD_UNREACHABLE":
    case "ETCD_TIMEOUT":
      return {
        code: "UNREACHABLE",
        message: `the cluster${context.cluster === undefined ? "" : ` ${context.cluster.name}`} does not answer`,
        why: [
          ...(context.cluster === undefined ? [] : [`asked ${context.cluster.endpoints.join(", ")}`]),
          problem.message,
        ].join("; "),
        try: context.cluster?.hint ?? "fleet status",
      };
    case "INVALID_CERTIFICATE":
      return untrusted(problem, context);
    case "ETCD_FORBIDDEN":
      return { ...problem, code: "FORBIDDEN" };
    default:
      return problem;
  }
}

/** The certificates are those of a context: which one, and how it is written anew. */
function untrusted(problem: Problem, context: CommandContext): Problem {
  if (context.cluster === undefined || !problem.message.includes(": etcd at ")) return problem;
  return {
    ...problem,
    why: `asked with the certificates of the context ${context.cluster.name}`,
    try: problem.try?.startsWith("chmod")
      ? problem.try
      : `${problem.try ?? "fleet doctor"}; npm start writes the context local anew`,
  };
}

function asJson(view: View): View {
  return { ...view, blocks: [{ kind: "code", language: "json", text: JSON.stringify(view.json, null, 2) }] };
}
