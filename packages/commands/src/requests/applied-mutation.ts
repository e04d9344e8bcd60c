import type { RequestAction } from "@quarterdeck/model";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import type { Mutation } from "./mutate.ts";

type Change = {
  readonly action: RequestAction;
  readonly flags: GlobalFlags;
  readonly heading: string;
  /** @default the engine's reason */
  readonly appliedText?: Mutation["appliedText"];
};

/** A change that is true as soon as the engine has applied it: nothing is waited for afterwards. */
export function appliedMutation({
  action,
  flags,
  heading,
  appliedText = (applied) => applied.reason.text,
}: Change): Mutation {
  return {
    action,
    flags,
    heading,
    judge: () => null,
    document: (request, applied, state, reason) => ({ request, state, changed: applied.changed, reason }),
    appliedText,
    timeoutSeconds: () => 60,
    renews: false,
  };
}
