import {
  refuse,
  succeed,
  type Actor,
  type Policy,
  type Result,
  type UnitIdentity,
  type UnitName,
} from "@quarterdeck/model";
import { findRule, nameOf, subjectsOf, subjectsWith } from "./policy-rules.ts";

/** A unit whose text asks for an identity (`[X-Fleet] Identity=`). */
export type IdentityWish = { readonly unit: UnitName; readonly identity: UnitIdentity };

/**
 * Whether the policy lets the actor hand an identity to a unit: a rule has to give `identity:<name>`, or every verb. The verb that brings the
 * text is not enough: whoever holds the bot's certificate speaks for any Slack user, and so may do whatever any of them may. The words of
 * the rule, or `FORBIDDEN`.
 */
export function authoriseIdentity(
  policy: Policy | null,
  actor: Actor,
  { unit, identity }: IdentityWish,
): Result<string> {
  const grant = `identity:${identity}`;
  const rule = policy === null ? null : findRule(policy, actor, grant);
  if (rule !== null) return succeed(`rule ${rule.number}: ${rule.subject} may ${rule.may}`);
  const allowed = policy === null ? [] : subjectsWith(policy, grant);
  return refuse({
    code: "FORBIDDEN",
    message: `${nameOf(actor)} may not give ${unit} the identity ${identity} (Identity=${identity} in [X-Fleet])`,
    why: `its program could act as ${identity}, and no rule of the policy gives ${grant}, or all verbs, to ${subjectsOf(actor).join(" or ")}`,
    whoCanFix: allowed.length === 0 ? "nobody, until a rule is added" : allowed.join(", "),
    try:
      allowed.length === 0
        ? `remove Identity=${identity}, or ask for a rule that gives ${grant}`
        : `remove Identity=${identity}, or ask one of them: fleet submit ${unit}`,
  });
}
