import { z } from "zod";

/** Counts of one part of the suite. */
export type Tally = { passed: number; failed: number; skipped: number };

const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  success: z.boolean(),
});

/**
 * The counts in vitest's JSON report. A run that ended badly without a failed test (a file that would not load, an unhandled rejection, no
 * report at all) counts as one failure: it must never read as green.
 */
export function countTests(report: string, exitCode: number): Tally {
  const parsed = reportSchema.safeParse(parseJson(report));
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = parsed.data;
  const failed = numFailedTests === 0 && exitCode !== 0 ? 1 : numFailedTests;
  return { passed, failed, skipped: numPendingTests + numTodoTests };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
