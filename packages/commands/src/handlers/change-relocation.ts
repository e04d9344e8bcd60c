import type { RequestAction } from "@quarterdeck/model";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { judgeRelocation } from "../requests/judge-relocation.ts";
import type { Mutation } from "../requests/mutate.ts";

type Change = { readonly action: RequestAction; readonly flags: GlobalFlags; readonly heading: string };

/** What drain and rebalance have in common: waited for as long as it makes progress; `changed` are the units that moved. */
export function relocationMutation({ action, flags, heading }: Change): Mutation {
  let moved: readonly string[] = [];
  return {
    action,
    flags,
    heading,
    judge(applied) {
      const { relocation: id } = applied;
      if (id === undefined) return null;
      const judge = judgeRelocation(id);
      return (facts, elapsedMs, now) => {
        const moves = facts.relocations.find((one) => one.id === id)?.moves ?? [];
        moved = moves.filter(({ state }) => state === "done").flatMap(({ units }) => units);
        return judge(facts, elapsedMs, now);
      };
    },
    document: (request, _, state, reason) => ({
      request,
      state: state === "done" && moved.length === 0 ? "unchanged" : state,
      changed: moved,
      reason,
    }),
    appliedText: (applied) => applied.reason.text,
    // A unit may take as long as the engine lets it to do well where it went.
    timeoutSeconds: () => 660,
    renews: true,
  };
}
