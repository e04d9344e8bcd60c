import { CodedError, problemOf, refuse, succeed, type Result } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";

const PATIENCE_MS = 3000;

/** An agent's answer, or why it cannot be had; gives up after 3 s: what is asked beside an answer must not hold it up. */
export async function askAgent<Answer>(
  context: CommandContext,
  ask: (signal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Result<Answer>> {
  const over = new AbortController();
  const late = context.clock.sleep(PATIENCE_MS, AbortSignal.any([signal, over.signal])).then(
    () => over.abort(new CodedError("MACHINE_UNREACHABLE", { message: "its agent did not answer in 3 s" })),
    // The answer, or the caller, was quicker.
    () => undefined,
  );
  try {
    const answer = await ask(AbortSignal.any([signal, over.signal]));
    over.signal.throwIfAborted();
    return succeed(answer);
  } catch (error) {
    signal.throwIfAborted();
    return refuse(problemOf(over.signal.aborted ? over.signal.reason : error));
  } finally {
    over.abort();
    await late;
  }
}
