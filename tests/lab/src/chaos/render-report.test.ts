import { expect, test } from "vitest";
import { isWrong } from "./churn.ts";
import { renderReport, type ChaosReport } from "./render-report.ts";

const report: ChaosReport = {
  seed: 7,
  minutes: 4,
  faults: [
    { atMs: 61_000, fault: { kind: "kill", machine: "m1", other: null, holdMs: 2_000 }, wellAfterMs: 8_040 },
    { atMs: 90_000, fault: { kind: "cut-from", machine: "m1", other: "m2", holdMs: 0 }, wellAfterMs: null },
  ],
  deeds: [
    { words: "start a.service", code: 0, said: "" },
    { words: "stop a.service", code: null, said: "" },
  ],
  looks: 3,
  longestDownMs: new Map([["a.service", 10_200]]),
  violations: [],
};

test("a report tells what befell whom, how soon all was well, and that nothing else happened", () => {
  expect(renderReport(report).split("\n")).toEqual([
    "chaos: 2 faults in 4 min, seed 7; 3 looks at every machine's systemd",
    "  1:01  kill m1 for 2.0 s: well again 8.0 s after its end",
    "  1:30  cut-from m1 and m2: not well again",
    "deeds beside them: 2, by exit code killed: 1, 0: 1",
    "longest time that a unit ran nowhere: a.service 10.2 s",
    "nothing happened that must not",
  ]);
});

test("a violation is the last word", () => {
  const violations = [{ atMs: 62_500, what: "a.service ran twice" }];
  expect(
    renderReport({ ...report, violations })
      .split("\n")
      .at(-1),
  ).toBe("VIOLATION at 1:02: a.service ran twice");
});

test.each([
  { code: 0, said: "", wrong: false },
  { code: 7, said: "error[ETCD_UNREACHABLE]: etcd cannot be reached", wrong: false },
  { code: 7, said: "error[INTERNAL]: something", wrong: true },
  { code: 1, said: "error[FAILED]: something", wrong: true },
  { code: null, said: "", wrong: true },
])("a deed that ended with $code and $said is wrong: $wrong", ({ code, said, wrong }) => {
  expect(isWrong({ words: "start a.service", code, said })).toBe(wrong);
});
