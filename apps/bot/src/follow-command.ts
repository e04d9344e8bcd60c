import { problemView, runCommand, type CommandContext, type CommandUpdate, type View } from "@quarterdeck/commands";
import { problemOf } from "@quarterdeck/model";

/** A command that runs, seen up to its first word. */
export type BegunCommand = {
  /** Its answer, when it was refused before anything was asked of the engine; else null. */
  readonly refusal: View | null;
  /** Goes on to its end; to be called once. Whatever is thrown becomes the final view. */
  end(onProgress: (view: View) => void): Promise<View>;
};

/** Starts a command and waits for what it says first. @throws the signal's reason when it aborts */
export async function beginCommand(
  words: readonly string[],
  context: CommandContext,
  signal: AbortSignal,
): Promise<BegunCommand> {
  const updates = runCommand(words, context, signal)[Symbol.asyncIterator]();
  const next = async (): Promise<CommandUpdate> => {
    try {
      const { value, done } = await updates.next();
      return done === true ? ended() : value;
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "done", final: true, view: problemView(problemOf(error), null) };
    }
  };
  const first = await next();
  return {
    refusal: first.kind === "done" && first.view.exitCode !== 0 ? first.view : null,
    async end(onProgress) {
      const lines: string[] = [];
      for (let update = first; ; update = await next()) {
        if (update.kind === "done") return withLines(update.view, lines);
        if (update.kind === "lines") lines.push(...update.lines);
        else onProgress(update.view);
      }
    },
  };
}

const ended = (): CommandUpdate => ({
  kind: "done",
  final: true,
  view: problemView({ code: "INTERNAL", message: "the command ended without an answer" }, null),
});

function withLines(view: View, lines: readonly string[]): View {
  return lines.length === 0 ? view : { ...view, blocks: [{ kind: "code", text: lines.join("\n") }, ...view.blocks] };
}
