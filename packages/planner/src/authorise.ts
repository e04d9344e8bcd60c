import { refuse, succeed, type Actor, type Policy, type Result } from "@quarterdeck/model";
import { findRule, nameOf, subjectsOf, subjectsWith } from "./policy-rules.ts";

/**
 * Whether the policy lets the actor use a verb that changes something: the words of the rule that allows it, or `FORBIDDEN`. What no rule
 * allows is refused. Through the bot only the Slack user and their groups count, never the bot itself.
 */
export function authorise(policy: Policy | null, actor: Actor, verb: string): Result<string> {
  if (actor.slack !== null && actor.principal !== "bot") {
    return forbidden(
      `${actor.principal} names the Slack user ${actor.slack.userName}`,
      "only the bot may speak for Slack users",
      "send the request without a Slack user",
    );
  }
  if (policy === null)
    return forbidden(
      `${nameOf(actor)} may not ${verb}`,
      "no policy has been written yet, so nobody may do anything",
      "fleet policy get",
    );
  const rule = findRule(policy, actor, verb);
  if (rule !== null) return succeed(`rule ${rule.number}: ${rule.subject} may ${rule.may}`);
  const allowed = subjectsWith(policy, verb);
  const [who, hint] =
    allowed.length === 0
      ? ["nobody, until a rule is added", `ask for a rule that allows ${verb}`]
      : [allowed.join(", "), `ask one of them for it: fleet ${verb} …`];
  return forbidden(
    `${nameOf(actor)} may not ${verb}`,
    `no rule of the policy allows ${verb} to ${subjectsOf(actor).join(" or ")}`,
    hint,
    who,
  );
}

function forbidden(message: string, why: string, hint: string, whoCanFix?: string): Result<never> {
  return refuse({ code: "FORBIDDEN", message, why, try: hint, ...(whoCanFix === undefined ? {} : { whoCanFix }) });
}
