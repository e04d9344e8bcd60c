import { parseMetadataPair } from "@quarterdeck/model";
import { hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { orThrow } from "../or-throw.ts";
import { mutate } from "../requests/mutate.ts";
import { machineMutation } from "./change-machine.ts";

export const setMetadata: Handler<NoFlags, readonly string[]> = async function* ({ flags, args }, context, signal) {
  const [word = "", ...words] = args;
  const pairs = words.map((text) => orThrow(parseMetadataPair(text)));
  const machine = orThrow(resolveMachine(await readFacts(context, signal), word));
  const name = hostnameOf(machine);
  const action = {
    verb: "set-metadata" as const,
    machine: machine.machine,
    metadata: Object.fromEntries(pairs),
  };
  const did = `has ${words.join(", ")}`;
  yield* mutate(machineMutation({ action, flags, name, doing: `Setting metadata of ${name}`, did }), context, signal);
};
