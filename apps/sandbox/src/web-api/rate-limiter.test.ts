import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

test("a burst passes, the next call waits for as long as it is told, and other keys do not suffer", () => {
  let now = 0;
  const limiter = new RateLimiter(() => now);
  const rate = { burst: 2, perMinute: 20 };
  expect([limiter.take("a", rate), limiter.take("a", rate), limiter.take("a", rate)]).toEqual([0, 0, 3]);
  expect(limiter.take("b", rate)).toBe(0);
  now = 2_999;
  expect(limiter.take("a", rate)).toBe(1);
  now = 3_000;
  expect(limiter.take("a", rate)).toBe(0);
});

test("methods without a limit never wait", () => {
  const limiter = new RateLimiter(() => 0);
  for (let call = 0; call < 1_000; call += 1)
    expect(limiter.take("a", { burst: Infinity, perMinute: Infinity })).toBe(0);
});
