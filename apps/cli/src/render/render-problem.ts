import type { Problem } from "@quarterdeck/model";
import { escapeLine } from "./escape-text.ts";

/** `error[CODE]: what happened`, then `why:`, `who can fix it:` and `try:`, each where there is one. */
export function renderProblem(problem: Problem): readonly string[] {
  const more: readonly (readonly [string, string | undefined])[] = [
    ["why", problem.why],
    ["who can fix it", problem.whoCanFix],
    ["try", problem.try],
  ];
  return [
    `error[${problem.code}]: ${escapeLine(problem.message)}`,
    ...more.flatMap(([word, text]) => (text === undefined ? [] : [`${word}: ${escapeLine(text)}`])),
  ];
}
