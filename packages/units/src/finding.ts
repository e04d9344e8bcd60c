import type { Problem } from "@quarterdeck/model";
import type { Position } from "./unit-fault.ts";

/**
 * What `fleet verify` has to say about a unit file. An `error` is refused by `submit` or by systemd; a `warning` is accepted by both and most
 * likely not meant. `rule` is a fixed name for scripts; line and column count from 1 and are null where the file as a whole is meant.
 */
export type Finding = {
  readonly severity: "error" | "warning";
  readonly rule: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly try: string;
};

type Words = { readonly rule: string; readonly message: string; readonly try: string };

export function warning(words: Words, at: Position | null): Finding {
  return { severity: "warning", ...words, line: at?.line ?? null, column: at?.column ?? null };
}

export function fault(words: Words, at: Position | null): Finding {
  return { severity: "error", ...words, line: at?.line ?? null, column: at?.column ?? null };
}

/** A problem of `checkUnit`, whose message begins with the unit's name and the place. */
export function findingOf(problem: Problem, rule: string): Finding {
  const place = /^(?:[^\s:]+(?::[^\s:]+)*: )?line (\d+), column (\d+): /.exec(problem.message);
  const at = place === null ? null : { line: Number(place[1]), column: Number(place[2]) };
  const message = place === null ? problem.message : problem.message.slice(place[0].length);
  return fault({ rule, message, try: problem.try ?? "" }, at);
}
