import type { Problem, UnitName } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import type { Step } from "../view.ts";
import type { Culprit, Judge, Verdict } from "./verdict.ts";

/** What the facts say of one unit. */
export type UnitVerdict =
  | { readonly kind: "true"; readonly detail: string }
  | { readonly kind: "waiting"; readonly detail: string }
  | { readonly kind: "failed"; readonly problem: Problem; readonly culprit: Culprit | null };

export type UnitJudge = (facts: Facts, unit: UnitName, elapsedMs: number) => UnitVerdict;

/** Judges several units as one: failed as soon as one has failed and no other is on its way, true when all are. */
export function judgeUnits(units: readonly UnitName[], judge: UnitJudge): Judge {
  return (facts, elapsedMs) => {
    const judged = units.map((unit) => ({ unit, verdict: judge(facts, unit, elapsedMs) }));
    const steps = judged.map(({ unit, verdict }) => stepOf(unit, verdict));
    const waiting = judged.filter(({ verdict }) => verdict.kind === "waiting");
    if (waiting.length > 0) {
      return {
        kind: "waiting",
        steps,
        // The heading names a unit that is alone.
        text:
          units.length === 1
            ? waiting.map(({ verdict }) => detailOf(verdict)).join("")
            : waiting.map(({ unit, verdict }) => `${unit}: ${detailOf(verdict)}`).join("; "),
      };
    }
    const failed = judged.flatMap(({ verdict }) => (verdict.kind === "failed" ? [verdict] : []));
    const [first] = failed;
    if (first !== undefined)
      return {
        kind: "failed",
        steps,
        problem: joined(failed.map((one) => one.problem)),
        culprit: first.culprit,
      } satisfies Verdict;
    const [only] = judged;
    const text =
      judged.length === 1 && only !== undefined
        ? `${only.unit} ${detailOf(only.verdict)}`
        : `all ${judged.length} units done`;
    return { kind: "true", steps, text };
  };
}

function stepOf(unit: UnitName, verdict: UnitVerdict): Step {
  const state = verdict.kind === "true" ? "done" : verdict.kind === "failed" ? "failed" : "active";
  return { label: unit, state, detail: detailOf(verdict) };
}

function detailOf(verdict: UnitVerdict): string {
  return verdict.kind === "failed" ? verdict.problem.message : verdict.detail;
}

/** Several problems as one: the first, and what else there is. */
function joined(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems;
  if (first === undefined) return { code: "INTERNAL", message: "failed without a problem" };
  if (others.length === 0) return first;
  const why = [
    first.why,
    ...others.map((other) => [other.message, other.why].filter((part) => part !== undefined).join(": ")),
  ];
  return { ...first, why: why.filter((part) => part !== undefined).join("; ") };
}
