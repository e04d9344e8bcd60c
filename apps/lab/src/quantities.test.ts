import { expect, test } from "vitest";
import { parseDuration, parseLoss, parseRate } from "./quantities.ts";

test.each([
  ["5%", 50],
  ["0.5%", 5],
  ["100%", 1000],
  ["0%", 0],
])("loss %s is %i per mille", (text, perMille) => {
  expect(parseLoss(text)).toBe(perMille);
});

test.each([
  ["1mbit", 1e6],
  ["512kbit", 512e3],
  ["8kbit", 8000],
  ["1gbit", 1e9],
])("rate %s is %i bits a second", (text, bits) => {
  expect(parseRate(text)).toBe(bits);
});

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["2m", 120_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["5", "101%", "-1%", "5%%", ""])("%j is refused as a loss", (text) => {
  expect(() => parseLoss(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test.each(["1", "1bit", "1mbps", "x"])("%j is refused as a rate", (text) => {
  expect(() => parseRate(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test.each(["30", "1h", "", "-1s"])("%j is refused as a duration", (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
});
