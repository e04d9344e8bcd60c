import { absent, keys, put, type Term } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { commitAll } from "./commit-all.ts";
import type { Overlay } from "./overlay.ts";
import type { Commit } from "./stage.ts";
import { settle } from "./testing/engine-world.ts";
import { name, unitFacts } from "./testing/facts.ts";

const { signal } = new AbortController();
const COUNT = 80;
const UNDER_WAY = 32;

const commits: readonly Commit[] = Array.from({ length: COUNT }, (_, index) => {
  const key = keys.unit(name(`u${index}.service`));
  return { transaction: { when: [absent(key)], then: [put(key, unitFacts())] }, message: `u${index}`, fields: {} };
});

/** A term whose transactions end when and how the test says, in the order in which they were begun. */
function heldTerm() {
  const begun: string[] = [];
  const ends: ReturnType<typeof Promise.withResolvers<{ committed: boolean; revision: bigint }>>[] = [];
  const term = {
    transact: ({ then }: Commit["transaction"]) => {
      begun.push(then[0]?.path ?? "");
      const end = Promise.withResolvers<{ committed: boolean; revision: bigint }>();
      ends.push(end);
      return end.promise;
    },
  } as unknown as Term;
  const applied: bigint[] = [];
  const lines: string[] = [];
  const note = (_: object, message: string): void => void lines.push(message);
  const view = { apply: (_: unknown, revision: bigint) => void applied.push(revision) } as unknown as Overlay;
  const log = { info: note, warn: note, error: note };
  return { begun, ends, applied, lines, run: () => commitAll(commits, { term, view, log }, signal) };
}

test("thirty-two transactions are under way at once, and the next begins when one ends", async () => {
  const held = heldTerm();
  const running = held.run();
  await settle();
  expect(held.begun).toHaveLength(UNDER_WAY);
  held.ends[5]?.resolve({ committed: true, revision: 7n });
  await settle();
  expect(held.begun).toHaveLength(UNDER_WAY + 1);
  for (let index = 0; index < COUNT; index += 1) {
    held.ends[index]?.resolve({ committed: true, revision: BigInt(10 + index) });
    await settle();
  }
  expect(await running).toEqual({ over: false, settled: true, revision: BigInt(9 + COUNT) });
  expect(held.applied).toHaveLength(COUNT);
});

test("one whose conditions do not hold keeps no other from being written", async () => {
  const held = heldTerm();
  const running = held.run();
  for (let index = 0; index < COUNT; index += 1) {
    await settle();
    held.ends[index]?.resolve({ committed: index !== 3, revision: 5n });
  }
  expect(await running).toEqual({ over: false, settled: false, revision: 5n });
  expect(held.applied).toHaveLength(COUNT - 1);
});

test.each([
  ["ETCD_FENCED", true],
  ["ETCD_TIMEOUT", false],
] as const)("after %s nothing further is begun, and what was begun is waited for", async (code, over) => {
  const held = heldTerm();
  const running = held.run();
  await settle();
  held.ends[2]?.reject(new CodedError(code, { message: "as the test says" }));
  await settle();
  let isOver = false;
  void running.then(() => (isOver = true));
  for (let index = 0; index < UNDER_WAY - 1; index += 1)
    if (index !== 2) held.ends[index]?.resolve({ committed: true, revision: 3n });
  await settle();
  expect(isOver).toBe(false);
  held.ends[UNDER_WAY - 1]?.resolve({ committed: true, revision: 4n });
  expect(await running).toEqual({ over, settled: false, revision: 4n });
  expect(held.begun).toHaveLength(UNDER_WAY);
  expect(held.applied).toHaveLength(UNDER_WAY - 1);
});
