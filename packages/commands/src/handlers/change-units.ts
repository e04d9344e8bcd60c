import type { RequestAction, UnitName } from "@quarterdeck/model";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { appliedMutation } from "../requests/applied-mutation.ts";
import type { UnitJudge } from "../requests/judge-units.ts";
import { judgeUnits } from "../requests/judge-units.ts";
import type { Mutation } from "../requests/mutate.ts";

type Change = {
  readonly action: RequestAction;
  readonly units: readonly UnitName[];
  readonly flags: GlobalFlags;
  /** `Starting`. */
  readonly doing: string;
  /** `null`: true once applied. */
  readonly judge: UnitJudge | null;
  /** `submitted`. */
  readonly did: string;
};

/** What start, stop and their like have in common: one document, one minute, judged unit by unit. */
export function unitMutation({ action, units, flags, doing, judge, did }: Change): Mutation {
  const mutation = appliedMutation({
    action,
    flags,
    heading: `${doing} ${namesOf(units)}`,
    appliedText: (applied) =>
      applied.changed.length === 0 ? `${namesOf(units)}: nothing to change` : `${did} ${namesOf(applied.changed)}`,
  });
  return judge === null ? mutation : { ...mutation, judge: () => judgeUnits(units, judge) };
}

/** All of a few names, the first few of many. */
export function namesOf(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}
