import { problemView, runCommand, type CommandContext, type View } from "@quarterdeck/commands";
import { problemOf } from "@quarterdeck/model";

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
    return problemView(problemOf(error), null);
  }
  return problemView({ code: "INTERNAL", message: "the command ended without an answer" }, null);
}
