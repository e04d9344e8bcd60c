import { expect, test } from "vitest";
import { giveBackMemory } from "./give-back-memory.ts";

test("what nobody holds any more is gone, and the collector is nobody else's to call", () => {
  const held = { garbage: Array.from({ length: 200_000 }, (_, index) => ({ index })) as readonly object[] | null };
  giveBackMemory();
  const before = process.memoryUsage().heapUsed;
  held.garbage = null;
  giveBackMemory();
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(3_000_000);
  expect("gc" in globalThis).toBe(false);
});
