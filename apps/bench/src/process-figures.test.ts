import { expect, test } from "vitest";
import { readProcessFigures } from "./process-figures.ts";

test.skipIf(process.platform !== "linux")("memory and processor time are what the process itself is told", async () => {
  const before = await readProcessFigures(process.pid);
  const until = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < until);
  const after = await readProcessFigures(process.pid);
  expect(after.cpuMs - before.cpuMs).toBeGreaterThanOrEqual(50);
  expect(after.rssMiB / (process.memoryUsage().rss / 2 ** 20)).toBeCloseTo(1, 0);
  expect(after.anonymousMiB).toBeLessThan(after.rssMiB);
});
