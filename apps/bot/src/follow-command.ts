import { runCommand, type CommandContext, type View } from "@quarterdeck/commands";
import { problemOf, type Problem } from "@quarterdeck/model";

/** The view of a command that broke: the problem in full, with its exit code. */
export function problemView(problem: Problem, exitCode: View["exitCode"]): View {
  return { json: { error: problem }, blocks: [{ kind: "problem", problem }], exitCode };
}

/** Runs a command to its end; progress goes to `onProgress`, whatever is thrown becomes the final view. */
export async function followCommand(
  words: readonly string[],
  context: CommandContext,
  onProgress: (view: View) => Promise<void>,
  signal: AbortSignal,
): Promise<View> {
  const lines: string[] = [];
  try {
    for await (const update of runCommand(words, context, signal)) {
      if (update.kind === "lines") lines.push(...update.lines);
      else if (update.kind === "progress") await onProgress(update.view);
      else
        return lines.length === 0
          ? update.view
          : { ...update.view, blocks: [{ kind: "code", text: lines.join("\n") }, ...update.view.blocks] };
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return problemView(problemOf(error), 1);
  }
  return problemView({ code: "INTERNAL", message: "the command ended without an answer" }, 1);
}
