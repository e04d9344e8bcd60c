import { expect, test } from "vitest";
import { countTests } from "./count-tests.ts";

const report = (fields: object) =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    success: true,
    ...fields,
  });

test("counts what vitest reports", () => {
  expect(countTests(report({ numFailedTests: 2 }), 1)).toEqual({ passed: 3, failed: 2, skipped: 1 });
});

test("a run that ended badly without a failed test is a failure", () => {
  expect(countTests(report({}), 1)).toEqual({ passed: 3, failed: 1, skipped: 1 });
});

test("a missing or broken report is a failure", () => {
  expect(countTests("", 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(countTests("{}", 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
