import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { deriveDiskStep } from "./derive-disk-step.ts";

test.each([
  [100, null, 100],
  [99.9, null, 95],
  [14.9, null, 10],
  [0, null, 0],
  [14.9, 15, 10],
  [15.1, 10, 10],
  [15.9, 10, 10],
  [16, 10, 15],
  [60.5, 10, 55],
  [19.9, 15, 15],
])("%s percent free after %s is told as %s", (free, former, told) => {
  expect(deriveDiskStep(free, former)).toBe(told);
});

property.prop([
  fc.double({ min: 5, max: 99, noNaN: true }),
  fc.array(fc.double({ min: -0.49, max: 0.49, noNaN: true })),
])("a disk that trembles by less than a percent is told at most twice", (around, trembling) => {
  let told = deriveDiskStep(around, null);
  let writes = 0;
  for (const off of trembling) {
    const next = deriveDiskStep(around + off, told);
    if (next !== told) writes += 1;
    told = next;
  }
  expect(writes).toBeLessThanOrEqual(1);
});
