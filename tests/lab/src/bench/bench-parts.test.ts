import { expect, test } from "vitest";
import { quantile } from "./quantile.ts";
import { parseSystemdTimes } from "./systemd-times.ts";

test("systemd's timestamps are read to the microsecond, and a unit that never ran has none", () => {
  const text = `Id=a.service
InactiveExitTimestamp=Sat 2026-11-28 22:25:24.000500 UTC
ActiveEnterTimestamp=Sat 2026-11-28 22:25:24.001250 UTC

Id=b.service
InactiveExitTimestamp=
ActiveEnterTimestamp=
`;
  const second = Date.UTC(2026, 10, 28, 22, 25, 24);
  expect([...parseSystemdTimes(text)]).toEqual([["a.service", { startedAt: second + 0.5, activeAt: second + 1.25 }]]);
});

test("a median is the value in the middle, a 95th percentile leaves one in twenty above it", () => {
  const values = Array.from({ length: 20 }, (_, index) => 20 - index);
  expect([quantile([3, 1, 2], 0.5), quantile(values, 0.95)]).toEqual([2, 19]);
});
