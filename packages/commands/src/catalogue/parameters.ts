import type { GlobalFlags } from "../grammar/global-flags.ts";

/** A positional that is any word: names are checked where the cluster is known. */
export const word = (placeholder: string, brief: string) => ({ parse: String, placeholder, brief }) as const;

/** One or more words. */
export const words = (placeholder: string, brief: string) =>
  ({ kind: "array", minimum: 1, parameter: word(placeholder, brief) }) as const;

/** Global flags that matter to each kind of verb. */
export const LIST_GLOBALS: readonly (keyof GlobalFlags)[] = ["fields", "full", "noLegend", "output"];
export const READ_GLOBALS: readonly (keyof GlobalFlags)[] = ["output"];
export const CHANGE_GLOBALS: readonly (keyof GlobalFlags)[] = [
  "noBlock",
  "timeout",
  "blockAttempts",
  "reason",
  "output",
];

/** fleetctl 1.0's `--replace`. */
export const REPLACE = {
  replace: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Replace the unit's text where the cluster has another one",
  },
} as const;
