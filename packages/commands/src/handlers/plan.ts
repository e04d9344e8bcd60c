import type { LocalHandler, NoFlags } from "../grammar/define-command.ts";
import { problemView } from "../show/final.ts";

/** `plan` without a verb: with one, the grammar runs that verb's own handler as a dry run. */
export const plan: LocalHandler<NoFlags, readonly string[]> = async function* ({ catalogue }) {
  const verbs = catalogue.filter((spec) => spec.foreseen === true).map((spec) => spec.name);
  const view = problemView(
    {
      code: "USAGE",
      message: "plan needs a verb, with the words that it takes",
      why: `these can be planned: ${verbs.join(", ")}`,
      try: "fleet plan rebalance",
    },
    null,
  );
  yield { kind: "done", final: true, view };
};
