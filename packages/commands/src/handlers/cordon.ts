import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { orThrow } from "../or-throw.ts";
import { mutate } from "../requests/mutate.ts";
import { machineMutation } from "./change-machine.ts";

export const cordon: Handler<NoFlags, readonly [string]> = ({ flags, args }, context, signal) =>
  change(
    { verb: "cordon", doing: "Cordoning", did: "cordoned: takes no new units", word: args[0], flags },
    context,
    signal,
  );

export const uncordon: Handler<NoFlags, readonly [string]> = ({ flags, args }, context, signal) =>
  change({ verb: "uncordon", doing: "Uncordoning", did: "takes units again", word: args[0], flags }, context, signal);

type Change = {
  readonly verb: "cordon" | "uncordon";
  readonly doing: string;
  readonly did: string;
  readonly word: string;
  readonly flags: GlobalFlags;
};

async function* change(
  { verb, doing, did, word, flags }: Change,
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const machine = orThrow(resolveMachine(await readFacts(context, signal), word));
  const name = hostnameOf(machine);
  const action = { verb, machine: machine.machine };
  yield* mutate(machineMutation({ action, flags, name, doing: `${doing} ${name}`, did }), context, signal);
}
