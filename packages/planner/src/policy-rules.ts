import type { Actor, Policy } from "@quarterdeck/model";

/** A rule that gives the actor a word (a verb, or a grant such as `identity:bot`), and under which of its names. */
export type RuleFound = {
  /** Counted from 1, as people do. */
  readonly number: number;
  readonly subject: string;
  /** What else the rule gives, for people. */
  readonly may: string;
};

/** The first rule that gives the word to the actor, or null. Through the bot only the Slack user and their groups count, never the bot itself. */
export function findRule(policy: Policy, actor: Actor, word: string): RuleFound | null {
  for (const [index, { subjects, verbs }] of policy.rules.entries()) {
    if (!verbs.includes("*") && !verbs.includes(word)) continue;
    const subject = subjects.find((candidate) => isSubject(candidate, actor));
    if (subject === undefined) continue;
    return { number: index + 1, subject, may: verbs.includes("*") ? "do everything" : verbs.join(", ") };
  }
  return null;
}

/** Everybody to whom some rule gives the word, each once, in the order of the rules. */
export function subjectsWith(policy: Policy, word: string): readonly string[] {
  const rules = policy.rules.filter(({ verbs }) => verbs.includes("*") || verbs.includes(word));
  return [...new Set(rules.flatMap(({ subjects }) => subjects))];
}

/** All names under which the policy may speak of the actor. */
export function subjectsOf({ principal, slack }: Actor): readonly string[] {
  return slack === null ? [principal] : [`user:${slack.userName}`, ...slack.groups.map((group) => `group:${group}`)];
}

/** The actor's own name, for messages. */
export function nameOf(actor: Actor): string {
  return actor.slack === null ? actor.principal : `user:${actor.slack.userName}`;
}

function isSubject(pattern: string, actor: Actor): boolean {
  const wildcard = pattern.endsWith("*") && !pattern.startsWith("user:") && !pattern.startsWith("group:");
  if (!wildcard) return subjectsOf(actor).includes(pattern);
  return actor.slack === null && actor.principal.startsWith(pattern.slice(0, -1));
}
