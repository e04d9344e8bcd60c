import { expect, test } from "vitest";
import { quantile, spreadOf } from "./spread.ts";

test("the median of an even number of rounds is the mean of the middle two", () => {
  expect(spreadOf([4, 1, 3, 10])).toEqual({ median: 3.5, min: 1, max: 10 });
  expect(spreadOf([10, 1, 3])).toEqual({ median: 3, min: 1, max: 10 });
});

test("the 99th percentile of a few is the greatest", () => {
  expect(quantile([5, 1, 9], 0.99)).toBe(9);
  expect(
    quantile(
      Array.from({ length: 1_000 }, (_, index) => index + 1),
      0.99,
    ),
  ).toBe(990.5);
});
