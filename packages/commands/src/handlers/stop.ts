import { CodedError, type UnitName } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { judgeDestroy, judgeStop, judgeUnload } from "../requests/judge-stop.ts";
import { mutate } from "../requests/mutate.ts";
import { count } from "../show/table.ts";
import { namesOf, unitMutation } from "./change-units.ts";

export const stop: Handler<NoFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { units } = orThrow(resolveUnits(await readFacts(context, signal), args, { verb: "stop" }));
  const action = { verb: "stop" as const, units: [...units] };
  yield* mutate(
    unitMutation({ action, units, flags, doing: "Stopping", judge: judgeStop, did: "stopped" }),
    context,
    signal,
  );
};

export const unload: Handler<NoFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { units } = orThrow(resolveUnits(await readFacts(context, signal), args, { verb: "unload" }));
  const action = { verb: "unload" as const, units: [...units], files: [], replace: false };
  yield* mutate(
    unitMutation({ action, units, flags, doing: "Unloading", judge: judgeUnload, did: "unloaded" }),
    context,
    signal,
  );
};

export const destroy: Handler<NoFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const { units, byPattern } = orThrow(resolveUnits(await readFacts(context, signal), args, { verb: "destroy" }));
  if (byPattern && !flags.yes) await confirmDestroy(units, args, context, signal);
  const action = { verb: "destroy" as const, units: [...units] };
  yield* mutate(
    unitMutation({ action, units, flags, doing: "Destroying", judge: judgeDestroy, did: "destroyed" }),
    context,
    signal,
  );
};

/** A pattern may mean more than was thought of: the names are shown before anything goes. */
async function confirmDestroy(
  units: readonly UnitName[],
  words: readonly string[],
  context: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const question = `destroy ${count(units.length, "unit")}: ${namesOf(units)}?`;
  if (context.confirm !== undefined && (await context.confirm(question, signal))) return;
  throw new CodedError("CONFIRMATION_NEEDED", {
    message: `${words.join(" ")} means ${count(units.length, "unit")}, which would be destroyed`,
    why: units.join(", "),
    try: `fleet destroy ${words.map((word) => `'${word}'`).join(" ")} --yes`,
  });
}
