import { refuse, succeed, type Actor, type Policy, type Result } from "@quarterdeck/model";

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
  for (const [index, rule] of policy.rules.entries()) {
    if (!rule.verbs.includes("*") && !rule.verbs.includes(verb)) continue;
    const subject = rule.subjects.find((candidate) => isSubject(candidate, actor));
    if (subject !== undefined)
      return succeed(
        `rule ${index + 1}: ${subject} may ${rule.verbs.includes("*") ? "do everything" : rule.verbs.join(", ")}`,
      );
  }
  const allowed = policy.rules
    .filter((rule) => rule.verbs.includes("*") || rule.verbs.includes(verb))
    .flatMap((rule) => rule.subjects);
  const [who, hint] =
    allowed.length === 0
      ? ["nobody, until a rule is added", `ask for a rule that allows ${verb}`]
      : [[...new Set(allowed)].join(", "), `ask one of them for it: fleet ${verb} …`];
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

function isSubject(pattern: string, actor: Actor): boolean {
  const wildcard = pattern.endsWith("*") && !pattern.startsWith("user:") && !pattern.startsWith("group:");
  if (!wildcard) return subjectsOf(actor).includes(pattern);
  return actor.slack === null && actor.principal.startsWith(pattern.slice(0, -1));
}

/** All names under which the policy may speak of the actor. */
function subjectsOf({ principal, slack }: Actor): readonly string[] {
  return slack === null ? [principal] : [`user:${slack.userName}`, ...slack.groups.map((group) => `group:${group}`)];
}

function nameOf(actor: Actor): string {
  return actor.slack === null ? actor.principal : `user:${actor.slack.userName}`;
}
