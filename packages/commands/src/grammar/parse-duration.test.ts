import { expect, test } from "vitest";
import { parseDuration } from "./parse-duration.ts";

test.each([
  ["90s", 90],
  ["90", 90],
  ["1.5", 1.5],
  ["10m", 600],
  ["1h30m", 5400],
  ["500ms", 0.5],
  ["2h", 7200],
  ["1d", 86_400],
  ["10min", 600],
  ["", null],
  ["0", null],
  ["-5s", null],
  ["5x", null],
  ["m", null],
  ["s5", null],
  ["400d", null],
  ["1e3", null],
])("%j is %j seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});
