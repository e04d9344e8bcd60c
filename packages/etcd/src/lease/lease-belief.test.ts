import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { askAtMs, believeAnswer, believeGrant, believeRemainder, lostAtMs } from "./lease-belief.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const ttlSeconds = fc.integer({ min: 1, max: 600 });
const delayMs = fc.double({ min: 0, max: 100_000, noNaN: true });
const question = fc.record({
  sentAtMs: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
  toEtcdMs: delayMs,
  backMs: delayMs,
  answered: fc.boolean(),
});

test("fleet #116: whatever is late or lost on the way, in whatever order it comes, the holder's time ends before etcd's", () => {
  fc.assert(
    fc.property(ttlSeconds, fc.array(question), (ttl, questions) => {
      const ttlMs = ttl * 1_000;
      // etcd counts anew from each question that reaches it before the lease has ended there.
      const times = questions.flatMap(({ sentAtMs, toEtcdMs, backMs, answered }) => {
        const atEtcdMs = sentAtMs + toEtcdMs;
        const came = { atMs: atEtcdMs, answer: null };
        return answered ? [came, { atMs: atEtcdMs + backMs, answer: { sentAtMs, ttlSeconds: ttl } }] : [came];
      });
      let belief = believeGrant({ sentAtMs: 0, ttlSeconds: ttl });
      let endsAtMs = ttlMs;
      for (const { atMs, answer } of times.toSorted((a, b) => a.atMs - b.atMs)) {
        if (atMs >= endsAtMs) break;
        if (answer === null) endsAtMs = atMs + ttlMs;
        else belief = believeAnswer(belief, answer);
        expect(lostAtMs(belief)).toBeLessThan(endsAtMs);
        expect(askAtMs(belief)).toBeLessThan(lostAtMs(belief));
      }
    }),
  );
});

test("who takes a lease over believes in it for no longer than etcd had left for it, though etcd rounds", () => {
  fc.assert(
    fc.property(ttlSeconds, fc.double({ min: 0, max: 1, noNaN: true }), delayMs, (ttl, part, toEtcdMs) => {
      const leftMs = ttl * 1_000 * part;
      const belief = believeRemainder({ sentAtMs: 0, ttlSeconds: ttl, leftSeconds: Math.floor(leftMs / 1_000) });
      expect(lostAtMs(belief)).toBeLessThan(toEtcdMs + leftMs);
    }),
  );
  const young = believeRemainder({ sentAtMs: 0, ttlSeconds: 5, leftSeconds: 9_000_000_000 });
  expect(lostAtMs(young)).toBeLessThan(5_000);
});
