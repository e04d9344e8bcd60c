import { absent, keys, put, type Term } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { commitAll } from "./commit-all.ts";
import type { Overlay } from "./overlay.ts";
import type { Commit } from "./stage.ts";
import { settle } from "./testing/engine-world.ts";
import { name, unitFacts } from "./testing/facts.ts";

const { signal } = new AbortController();

const commits: readonly Commit[] = Array.from({ length: 20 }, (_, index) => {
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

test("eight transactions are under way at once, and the next begins when one ends", async () => {
  const held = heldTerm();
  const running = held.run();
  await settle();
  expect(held.begun).toHaveLength(8);
  held.ends[5]?.resolve({ committed: true, revision: 7n });
  await settle();
  expect(held.begun).toHaveLength(9);
  for (let index = 0; index < 20; index += 1) {
    held.ends[index]?.resolve({ committed: true, revision: BigInt(10 + index) });
    await settle();
  }
  expect(await running).toEqual({ over: false, settled: true, revision: 29n });
  expect(held.applied).toHaveLength(20);
});

test("one whose conditions do not hold keeps no other from being written", async () => {
  const held = heldTerm();
  const running = held.run();
  for (let index = 0; index < 20; index += 1) {
    await settle();
    held.ends[index]?.resolve({ committed: index !== 3, revision: 5n });
  }
  expect(await running).toEqual({ over: false, settled: false, revision: 5n });
  expect(held.applied).toHaveLength(19);
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
  for (const index of [0, 1, 3, 4, 5, 6]) held.ends[index]?.resolve({ committed: true, revision: 3n });
  await settle();
  expect(isOver).toBe(false);
  held.ends[7]?.resolve({ committed: true, revision: 4n });
  expect(await running).toEqual({ over, settled: false, revision: 4n });
  expect(held.begun).toHaveLength(8);
  expect(held.applied).toHaveLength(7);
});
