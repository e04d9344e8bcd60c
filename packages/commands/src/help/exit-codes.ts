import type { ExitCode } from "@quarterdeck/model";

/** What each exit code says; a script may rely on them. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: "done, and true: start returns it only for a unit that is active and, where it has a check, healthy; that has succeeded, when it runs once",
  1: "failed",
  2: "usage: the words are wrong, a confirmation is missing, or it cannot do that yet",
  3: "not found",
  4: "refused: permission, lock, freeze, approval",
  5: "cannot be placed",
  6: "timed out, still going on",
  7: "cluster unreachable",
  8: "conflict: stale plan, already exists, already running",
};
