import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress } from "./progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is quick says nothing, what is slow says where it is", () => {
  const said: string[] = [];
  const progress = createProgress((line) => said.push(line));
  progress("first");
  vi.advanceTimersByTime(1_900);
  progress("second");
  vi.advanceTimersByTime(200);
  progress("third");
  progress("fourth");
  expect(said).toEqual(["third"]);
});
