import type { LocalHandler, NoFlags } from "../grammar/define-command.ts";
import { helpView } from "../help/help-view.ts";
import { orThrow } from "../or-throw.ts";

export const help: LocalHandler<NoFlags, readonly string[]> = async function* ({ args, catalogue, surface }) {
  yield { kind: "done", final: true, view: orThrow(helpView(catalogue, args, surface)) };
};
