import { expect, test } from "vitest";
import { fakeContext } from "../testing/fake-context.ts";
import { clusterOf } from "../testing/seed-cluster.ts";
import type { Judge } from "./verdict.ts";
import { waitForFacts } from "./wait-for-facts.ts";

const signal = AbortSignal.timeout(20_000);

/** Goes on by one step every 40 s, and is true after three. */
const slow: Judge = (_, elapsedMs) => {
  const step = Math.floor(elapsedMs / 40_000);
  return { kind: step >= 3 ? "true" : "waiting", steps: [], text: `step ${step}` };
};

const endOf = async (options: { readonly timeoutSeconds: number | null; readonly renews: boolean }) => {
  const waited = await Array.fromAsync(
    waitForFacts(fakeContext(await clusterOf()), { judge: slow, ...options }, signal),
  );
  return {
    texts: waited.map(({ verdict }) => (verdict.kind === "failed" ? "failed" : verdict.text)),
    timedOut: waited.at(-1)?.timedOut,
  };
};

test("each judgement is told once, and the last one ends it", async () => {
  expect(await endOf({ timeoutSeconds: null, renews: false })).toEqual({
    texts: ["step 0", "step 1", "step 2", "step 3"],
    timedOut: false,
  });
});

test("progress starts the time anew where that was asked for", async () => {
  expect((await endOf({ timeoutSeconds: 60, renews: true })).timedOut).toBe(false);
  expect((await endOf({ timeoutSeconds: 30, renews: true })).timedOut).toBe(true);
});

test("otherwise the time is over when it is over, whatever goes on", async () => {
  expect(await endOf({ timeoutSeconds: 60, renews: false })).toEqual({
    texts: ["step 0", "step 1", "step 1"],
    timedOut: true,
  });
});
