import { CodedError, type MachineId } from "@quarterdeck/model";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { EtcdClient, Operation, Term } from "../client.ts";
import type { Entry } from "../keyspace/key.ts";
import { keys } from "../keyspace/keys.ts";
import type { StoredValue } from "../port.ts";
import { absent } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import { transactParts, type Part } from "../transaction/transact-parts.ts";

type Cluster = AsyncDisposable & {
  readonly one: EtcdClient;
  readonly two: EtcdClient;
  writeText(path: string, text: string): Promise<void>;
};

const signal = AbortSignal.timeout(60_000);
const epoch = (value: number): Operation => put(keys.epoch(), { v: 1, epoch: value, released: true });

/** What every store must do with a transaction; a part of the whole contract. */
export function describeTransactionContract(makeCluster: () => Promise<Cluster>): void {
  describe("transactions", () => {
    test("what was refused shows what stands there, typed by its keys", async () => {
      await using cluster = await makeCluster();
      const attempt = (value: number) =>
        cluster.one.transact(
          {
            when: [absent(keys.epoch())],
            then: [epoch(value)],
            elseRead: { current: keys.epoch(), policy: keys.policy() },
          },
          signal,
        );
      const made = await attempt(1);
      expect(made).toEqual({ committed: true, revision: expect.any(BigInt) });
      const refused = await attempt(2);
      if (refused.committed) return expect.fail("was committed twice");
      expectTypeOf(refused.current).toEqualTypeOf<Entry<{
        v: 1;
        epoch: number;
        released: boolean;
      }> | null>();
      expect(refused.current).toEqual(await cluster.two.get(keys.epoch(), signal));
      expect(refused.policy).toBeNull();
    });

    test("what was committed shows what it replaced", async () => {
      await using cluster = await makeCluster();
      const replace = (...then: readonly Operation[]) =>
        cluster.one.transact({ when: [], then, thenRead: { before: keys.epoch() } }, signal);
      expect(await replace(epoch(1))).toMatchObject({ committed: true, before: null });
      expect(await replace(epoch(2))).toMatchObject({ committed: true, before: { value: { epoch: 1 } } });
      expect(await replace(remove(keys.epoch()))).toMatchObject({ committed: true, before: { value: { epoch: 2 } } });
      expect(await replace()).toMatchObject({ committed: true, before: null });
    });

    test("a value that nobody understands does not hide that the transaction was committed", async () => {
      await using cluster = await makeCluster();
      await cluster.writeText("epoch", '{"v":2}');
      const result = await cluster.one.transact(
        { when: [], then: [epoch(1)], thenRead: { before: keys.epoch() } },
        signal,
      );
      expect(result.committed).toBe(true);
      expect(() => result.committed && result.before).toThrow(CodedError);
      expect((await cluster.two.get(keys.epoch(), signal))?.value.epoch).toBe(1);
    });

    test("a leader's transaction shows the same, and a fenced one nothing", async () => {
      await using cluster = await makeCluster();
      const term = await lead(cluster.one);
      const attempt = () =>
        term.transact({ when: [absent(keys.epoch())], then: [epoch(1)], elseRead: { current: keys.epoch() } }, signal);
      expect((await attempt()).committed).toBe(true);
      expect(await attempt()).toMatchObject({ committed: false, current: { value: { epoch: 1 } } });
      await cluster.two.transact({ when: [], then: [remove({ path: term.leaderKey })] }, signal);
      await expect(attempt()).rejects.toMatchObject({ code: "ETCD_FENCED" });
    });

    test("128 operations are one transaction; one more is refused before anything is sent", async () => {
      await using cluster = await makeCluster();
      const { committed } = await cluster.one.transact({ when: [], then: many(128) }, signal);
      expect(committed).toBe(true);
      const before = (await cluster.one.snapshot(["epoch"], signal)).revision;
      for (const more of [{ then: many(129) }, { then: many(128), thenRead: { current: keys.epoch() } }])
        await expect(cluster.one.transact({ when: [], ...more }, signal)).rejects.toMatchObject({
          code: "ETCD_TOO_LARGE",
          message: expect.stringContaining("129 operations"),
        });
      expect((await cluster.one.snapshot(["epoch"], signal)).revision).toBe(before);
    });

    test("a value a little below 1.5 MiB is taken; what is larger is refused before anything is sent", async () => {
      await using cluster = await makeCluster();
      const value = (bytes: number): Operation => ({
        kind: "put",
        path: "large",
        json: "x".repeat(bytes),
        lease: null,
      });
      const limit = 1_572_864;
      const { committed } = await cluster.one.transact({ when: [], then: [value(limit - 1_000)] }, signal);
      expect(committed).toBe(true);
      await expect(cluster.one.transact({ when: [], then: [value(limit)] }, signal)).rejects.toMatchObject({
        code: "ETCD_TOO_LARGE",
        message: expect.stringContaining("1572869 bytes"),
      });
    });

    test("independent parts are written in as few transactions as they fit into, and each is told its revision", async () => {
      await using cluster = await makeCluster();
      const parts = many(300).map((operation): Part => ({ when: [absent(operation)], then: [operation] }));
      const results = await transactParts(cluster.one, parts, signal);
      const revisions = results.map((result) => (result.outcome === "committed" ? result.revision : 0n));
      expect(results.every(({ outcome }) => outcome === "committed")).toBe(true);
      const { values } = await onePage(cluster.two, "many/");
      for (const { path, modRevision } of values)
        expect(revisions[Number(path.slice("many/".length))], path).toBe(modRevision);
      // 127 conditions leave room for a fence.
      expect(new Set(revisions).size).toBe(3);
    });

    test("a part that is refused, and it alone, is not written", async () => {
      await using cluster = await makeCluster();
      await cluster.two.transact(
        { when: [], then: [{ kind: "put", path: "many/7", json: "{}", lease: null }] },
        signal,
      );
      const parts = many(20).map((operation): Part => ({ when: [absent(operation)], then: [operation] }));
      const outcomes = (await transactParts(cluster.one, parts, signal)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(parts.map((_, index) => (index === 7 ? "refused" : "committed")));
    });

    test("parts under a fence are written while it holds, and not one of them afterwards", async () => {
      await using cluster = await makeCluster();
      const term = await lead(cluster.one);
      const parts = many(300).map((operation): Part => ({ when: [absent(operation)], then: [operation] }));
      const first = await transactParts(term, parts.slice(0, 200), signal);
      expect(first.every(({ outcome }) => outcome === "committed")).toBe(true);
      await cluster.two.transact({ when: [], then: [remove({ path: term.leaderKey })] }, signal);
      const second = await transactParts(term, parts.slice(200), signal);
      for (const result of second)
        expect(result).toMatchObject({ outcome: "unwritten", error: { code: "ETCD_FENCED" } });
      expect((await onePage(cluster.two, "many/")).values.length).toBe(200);
    });

    test("parts that are not independent, or one that is too large, are refused before anything is sent", async () => {
      await using cluster = await makeCluster();
      const [a, b, c] = many(3) as [Operation, Operation, Operation];
      const attempts: readonly { readonly parts: readonly Part[]; readonly code: string; readonly says: string }[] = [
        { parts: [part([a, b]), part([c, b])], code: "INTERNAL", says: "parts 1 and 2 both write many/1" },
        {
          parts: [part([a]), { when: [absent(a)], then: [b] }],
          code: "INTERNAL",
          says: "part 1 writes many/0, which part 2 compares",
        },
        { parts: [part([epoch(1)]), part(many(129))], code: "ETCD_TOO_LARGE", says: "part 2 of 2" },
      ];
      for (const { parts, code, says } of attempts)
        await expect(transactParts(cluster.one, parts, signal)).rejects.toMatchObject({
          code,
          message: expect.stringContaining(says),
        });
      expect((await onePage(cluster.two, "")).values).toEqual([]);
    });
  });
}

const many = (count: number): readonly Operation[] =>
  Array.from({ length: count }, (_, index) => ({ kind: "put", path: `many/${index}`, json: "{}", lease: null }));

const part = (then: readonly Operation[]): Part => ({ when: [], then });

/** All there is below a prefix. */
async function onePage(client: EtcdClient, prefix: string) {
  const values: StoredValue[] = [];
  const spans = [{ start: prefix === "" ? "!" : prefix, end: prefix === "" ? "~" : `${prefix.slice(0, -1)}0` }];
  for await (const page of client.pages(spans, signal)) values.push(...page.values);
  return { values };
}

function lead(client: EtcdClient): Promise<Term> {
  const value = { v: 1, machine: "a".repeat(32) as MachineId, hostname: "m1", since: "2026-11-24T00:00:00.000Z" };
  return client.campaign({ election: "engine/leader", value, ttlSeconds: 10 }, signal);
}
