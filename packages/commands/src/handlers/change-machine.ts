import type { RequestAction } from "@quarterdeck/model";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { appliedMutation } from "../requests/applied-mutation.ts";
import type { Mutation } from "../requests/mutate.ts";

type Change = {
  readonly action: RequestAction;
  readonly flags: GlobalFlags;
  /** The machine's host name. */
  readonly name: string;
  /** `Cordoning m1`. */
  readonly doing: string;
  /** What follows the machine's name once it is so. */
  readonly did: string;
};

/** What the verbs have in common that only change what is written of a machine: true as soon as it is. */
export function machineMutation({ action, flags, name, doing, did }: Change): Mutation {
  return appliedMutation({
    action,
    flags,
    heading: doing,
    appliedText: (applied) => (applied.changed.length === 0 ? `${name}: nothing to change` : `${name} ${did}`),
  });
}
