import { expect, test } from "vitest";
import { renderReport } from "./chaos/render-report.ts";
import { runChaos } from "./chaos/run-chaos.ts";
import { theLab } from "./lab-handle.ts";

/** Always the same faults, so that a failure tells of a change; `npm run chaos` draws others. */
const SEED = 1;
const MINUTES = 4;

test("four minutes of faults stop nothing that they do not touch, lose nothing, and leave everything as it was wanted", async ({
  signal,
}) => {
  const onEvent = (line: string): void => void process.stdout.write(`chaos: ${line}\n`);
  const report = await runChaos(theLab, { minutes: MINUTES, seed: SEED, onEvent }, signal);
  process.stdout.write(`${renderReport(report)}\n`);
  expect(report.violations).toEqual([]);
  expect(report.faults.length).toBeGreaterThan(3);
  expect(report.looks).toBeGreaterThan(60);
  expect(report.deeds.some(({ code }) => code === 0)).toBe(true);
}, 600_000);
