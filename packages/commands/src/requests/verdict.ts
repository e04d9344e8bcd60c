import type { MachineId, Problem, Reason, UnitName } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import type { Step } from "../view.ts";

/** What the facts say of a change that was asked for. */
export type Verdict =
  /** `reason` is that of the end, where the end has one of its own. @default why the engine applied the request */
  | { readonly kind: "true"; readonly steps: readonly Step[]; readonly text: string; readonly reason?: Reason }
  /** `text` says what it waits for; `mark` changes when there is progress. @default any difference is progress */
  | { readonly kind: "waiting"; readonly steps: readonly Step[]; readonly text: string; readonly mark?: string }
  /** It will not come true without somebody doing something; `culprit` is a copy whose journal tells more. */
  | {
      readonly kind: "failed";
      readonly steps: readonly Step[];
      readonly problem: Problem;
      readonly culprit: Culprit | null;
    };

export type Culprit = { readonly unit: UnitName; readonly machine: MachineId };

/** Pure. `elapsedMs` counts from when the engine had applied the request and the facts were first seen, `now` from the epoch. */
export type Judge = (facts: Facts, elapsedMs: number, now: number) => Verdict;
