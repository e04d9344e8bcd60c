import { CodedError, type MachineId, type Presence, type Timestamp } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import type { EtcdClient, FollowEvent } from "../client.ts";
import { keys, ranges } from "../keyspace/keys.ts";
import { absent, createRevisionIs, modRevisionIs, present } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import { codeOf } from "./code-of.ts";
import { describeLockContract } from "./lock-contract.ts";
import { describeRequestContract } from "./request-contract.ts";
import { describeTransactionContract } from "./transaction-contract.ts";

/** A fresh, empty cluster with two clients; `raw` writes text past every schema. */
export type ContractCluster = AsyncDisposable & {
  readonly one: EtcdClient;
  readonly two: EtcdClient;
  writeText(path: string, text: string): Promise<void>;
};

const A = "a".repeat(32) as MachineId;
const B = "b".repeat(32) as MachineId;
const signal = AbortSignal.timeout(60_000);

/** What every store behind an {@link EtcdClient} must do: run against the fake and against a real etcd. */
export function describeEtcdContract(name: string, makeCluster: () => Promise<ContractCluster>): void {
  describe(name, () => {
    describeLockContract(makeCluster);
    describeTransactionContract(makeCluster);
    describeRequestContract(makeCluster);

    test("a value comes back as it was put, with the revisions of its making and last change", async () => {
      await using cluster = await makeCluster();
      const key = keys.epoch();
      expect(await cluster.one.get(key, signal)).toBeNull();
      const made = await cluster.one.transact(
        { when: [absent(key)], then: [put(key, { v: 1, epoch: 1, released: true })] },
        signal,
      );
      const changed = await cluster.one.transact(
        { when: [modRevisionIs(key, made.revision)], then: [put(key, { v: 1, epoch: 2, released: true })] },
        signal,
      );
      const entry = await cluster.two.get(key, signal);
      expect(made.committed && changed.committed).toBe(true);
      expect(entry).toEqual({
        path: "epoch",
        names: [],
        value: { v: 1, epoch: 2, released: true },
        createRevision: made.revision,
        modRevision: changed.revision,
      });
    });

    test("a transaction whose condition does not hold writes nothing", async () => {
      await using cluster = await makeCluster();
      const key = keys.epoch();
      const write = put(keys.presence(A), presence(A));
      await cluster.one.transact({ when: [], then: [put(key, { v: 1, epoch: 1, released: true })] }, signal);
      for (const condition of [
        absent(key),
        present(keys.policy()),
        modRevisionIs(key, 1n),
        createRevisionIs(key, 1n),
      ]) {
        const { committed } = await cluster.one.transact({ when: [present(key), condition], then: [write] }, signal);
        expect(committed).toBe(false);
      }
      expect(await cluster.one.get(keys.presence(A), signal)).toBeNull();
    });

    test("a range lists only keys of its own shape, in order, with their open segments", async () => {
      await using cluster = await makeCluster();
      await cluster.writeText(`agents/${B}/states/hello.service`, "{}");
      await cluster.one.transact(
        { when: [], then: [put(keys.presence(B), presence(B)), put(keys.presence(A), presence(A))] },
        signal,
      );
      const { entries, unreadable } = await cluster.one.list(ranges.presences, signal);
      expect(entries.map((entry) => entry.names)).toEqual([[A], [B]]);
      expect(unreadable).toEqual([]);
      expect((await cluster.one.list(ranges.scheduleOf(A), signal)).entries).toEqual([]);
    });

    test("a value from a newer version and a corrupt one are refused by name, and hide no other", async () => {
      await using cluster = await makeCluster();
      await cluster.writeText(`agents/${A}/presence`, JSON.stringify({ v: 2, anything: true }));
      await cluster.writeText(`agents/${B}/presence`, "{ not json");
      await cluster.one.transact(
        { when: [], then: [put(keys.presence("c".repeat(32) as MachineId), presence("c".repeat(32) as MachineId))] },
        signal,
      );
      expect(await codeOf(cluster.one.get(keys.presence(A), signal))).toBe("ETCD_NEWER_VALUE");
      expect(await codeOf(cluster.one.get(keys.presence(B), signal))).toBe("ETCD_CORRUPT_VALUE");
      const { entries, unreadable } = await cluster.one.list(ranges.presences, signal);
      expect(entries.length).toBe(1);
      expect(unreadable.map(({ path, error }) => [path, error.code])).toEqual([
        [`agents/${A}/presence`, "ETCD_NEWER_VALUE"],
        [`agents/${B}/presence`, "ETCD_CORRUPT_VALUE"],
      ]);
    });

    test("pages show stored text in key order, span after span, at one revision whatever is written meanwhile", async () => {
      await using cluster = await makeCluster();
      const numbers = Array.from({ length: 12 }, (_, index) => `audit/${String(index + 1).padStart(12, "0")}`);
      for (const path of [...numbers, "audit/chain/head", "policy"])
        await cluster.writeText(path, `{ "as": "${path}"}`);
      const spans = [
        { start: "policy", end: null },
        { start: "audit/000000000003", end: "audit/000000000013" },
        { start: "nothing/", end: "nothing0" },
      ];
      const read: string[] = [];
      const revisions = new Set<bigint>();
      for await (const { revision, values } of cluster.one.pages(spans, signal)) {
        revisions.add(revision);
        read.push(...values.map(({ path, json }) => `${path} ${json}`));
        await cluster.writeText("audit/000000000012", "changed meanwhile");
      }
      expect(read).toEqual(["policy", ...numbers.slice(2)].map((path) => `${path} { "as": "${path}"}`));
      expect(revisions.size).toBe(1);
      const empty: bigint[] = [];
      for await (const page of cluster.one.pages([{ start: "nothing/", end: "nothing0" }], signal)) {
        expect(page.values).toEqual([]);
        empty.push(page.revision);
      }
      expect(empty.length).toBe(1);
    });

    test("what no reader would accept cannot be written, nor can a key that leaves its segment", () => {
      expect(() => put(keys.epoch(), { v: 1, epoch: 0, released: true })).toThrow(CodedError);
      for (const path of ["", "a//b", "a/../b", "a\0b", "/a", "a/", "x".repeat(1025)])
        expect(() => remove({ path }), path).toThrow(CodedError);
    });

    test("a follower sees each transaction whole, of all its prefixes, and nothing twice", async () => {
      await using cluster = await makeCluster();
      const stop = new AbortController();
      const seen: FollowEvent[] = [];
      const prefixes = [`agents/`, "epoch"];
      await cluster.one.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch: 1, released: true })] }, signal);
      let last = 0n;
      for await (const event of cluster.two.follow(prefixes, {}, AbortSignal.any([signal, stop.signal]))) {
        seen.push(event);
        if (event.kind === "reset") {
          expect(event.snapshot.get(keys.epoch())?.value.epoch).toBe(1);
          await cluster.one.transact(
            {
              when: [],
              then: [put(keys.presence(A), presence(A)), put(keys.epoch(), { v: 1, epoch: 2, released: true })],
            },
            signal,
          );
          await cluster.one.transact({ when: [], then: [put(keys.policy(), { v: 1, rules: [] })] }, signal);
          last = (
            await cluster.one.transact(
              { when: [], then: [remove(keys.presence(A)), put(keys.epoch(), { v: 1, epoch: 3, released: true })] },
              signal,
            )
          ).revision;
        } else if (event.revision >= last) {
          stop.abort();
        }
      }
      const epochs = seen
        .flatMap((event) => (event.kind === "batch" ? event.changes : []))
        .filter((change) => change.path === "epoch");
      expect(epochs.at(-1)?.json).toContain('"epoch":3');
      expect(new Set(epochs.map((change) => change.modRevision)).size).toBe(epochs.length);
      for (const event of seen) {
        if (event.kind === "batch" && event.changes.length > 0)
          expect(event.changes.map((change) => change.path).toSorted()).toEqual([`agents/${A}/presence`, "epoch"]);
      }
    });

    test("a follower that knows a revision gets what came after it and no reset", async () => {
      await using cluster = await makeCluster();
      const { revision } = await cluster.one.transact(
        { when: [], then: [put(keys.epoch(), { v: 1, epoch: 1, released: true })] },
        signal,
      );
      await cluster.one.transact({ when: [], then: [put(keys.epoch(), { v: 1, epoch: 2, released: true })] }, signal);
      for await (const event of cluster.two.follow(["epoch"], { from: revision }, signal)) {
        expect(event).toMatchObject({
          kind: "batch",
          changes: [{ path: "epoch", json: '{"v":1,"epoch":2,"released":true}' }],
        });
        break;
      }
    });

    test("a mirror answers from memory, follows every change, and names its revision", async () => {
      await using cluster = await makeCluster();
      await using mirror = await cluster.two.mirror(["agents/", "epoch"], signal);
      expect(mirror.list(ranges.presences)).toEqual([]);
      expect(() => mirror.get(keys.policy())).toThrow(CodedError);
      const written = await cluster.one.transact(
        { when: [], then: [put(keys.presence(A), presence(A)), put(keys.epoch(), { v: 1, epoch: 7, released: true })] },
        signal,
      );
      for await (const _ of mirror.changes(signal)) if (mirror.revision >= written.revision) break;
      expect(mirror.list(ranges.presences).map((entry) => entry.names)).toEqual([[A]]);
      expect(mirror.get(keys.epoch())?.value.epoch).toBe(7);
      await cluster.one.transact({ when: [], then: [remove(keys.presence(A))] }, signal);
      for await (const _ of mirror.changes(signal)) if (mirror.list(ranges.presences).length === 0) break;
      expect(mirror.ageMs()).toBeLessThan(10_000);
    });

    test("keys on a lease go with it; a detached lease lives on and can be resumed", async () => {
      await using cluster = await makeCluster();
      const key = keys.presence(A);
      const first = await cluster.one.grantLease({ ttlSeconds: 30 }, signal);
      await cluster.one.transact({ when: [], then: [put(key, presence(A), { lease: first.id })] }, signal);
      await first.detach();
      const second = await cluster.two.resumeLease(first.id, signal);
      expect(second?.id).toBe(first.id);
      expect(await cluster.one.get(key, signal)).not.toBeNull();
      await second?.[Symbol.asyncDispose]();
      expect(await cluster.one.get(key, signal)).toBeNull();
      expect(await cluster.two.resumeLease(first.id, signal)).toBeNull();
      expect(
        await codeOf(cluster.one.transact({ when: [], then: [put(key, presence(A), { lease: first.id })] }, signal)),
      ).toBe("ETCD_LEASE_LOST");
    });

    test("one leads, the next waits for it, and a former leader's writes are refused", async () => {
      await using cluster = await makeCluster();
      const stand = (client: EtcdClient, machine: MachineId) =>
        client.campaign({ election: "engine/leader", value: leader(machine), ttlSeconds: 10 }, signal);
      const first = await stand(cluster.one, A);
      let turnCame = false;
      const waiting = stand(cluster.two, B).then((term) => ((turnCame = true), term));
      const write = { when: [], then: [put(keys.epoch(), { v: 1 as const, epoch: 1, released: true })] };
      expect((await first.transact(write, signal)).committed).toBe(true);
      expect(await first.transact({ ...write, when: [absent(keys.epoch())] }, signal)).toMatchObject({
        committed: false,
      });
      expect(first.leaderKey).toMatch(/^engine\/leader\/[0-9a-f]+$/);
      while ((await cluster.two.list(ranges.leaders, signal)).entries.length < 2);
      for (let calls = 0; calls < 5; calls += 1) await cluster.two.get(keys.epoch(), signal);
      expect(turnCame).toBe(false);
      await first.resign();
      const second = await waiting;
      expect(second.fence > first.fence && first.lost.aborted && !second.lost.aborted).toBe(true);
      expect(await codeOf(first.transact(write, signal))).toBe("ETCD_FENCED");
      expect((await cluster.one.list(ranges.leaders, signal)).entries.map((entry) => entry.value.machine)).toEqual([B]);
      await second.resign();
    });

    test("a leader whose key somebody deleted is told, and is fenced", async () => {
      await using cluster = await makeCluster();
      const term = await cluster.one.campaign({ election: "engine/leader", value: leader(A), ttlSeconds: 10 }, signal);
      await cluster.two.transact({ when: [], then: [remove({ path: term.leaderKey })] }, signal);
      if (!term.lost.aborted) await new Promise((resolve) => term.lost.addEventListener("abort", resolve));
      expect(await codeOf(term.transact({ when: [], then: [remove(keys.epoch())] }, signal))).toBe("ETCD_FENCED");
    });

    test("keys outside of the prefix are raw text; those inside are refused", async () => {
      await using cluster = await makeCluster();
      await cluster.one.raw.put("/message", "hello", signal);
      await cluster.one.raw.put("/services/web", "10.0.0.1", signal);
      expect(await cluster.two.raw.get("/message", signal)).toMatchObject({ value: "hello" });
      expect(await cluster.two.raw.get("/nothing", signal)).toBeNull();
      expect((await cluster.two.raw.list("/", signal)).map((entry) => entry.path)).toEqual([
        "/message",
        "/services/web",
      ]);
      expect(await codeOf(cluster.one.raw.put("/quarterdeck/units/x", "1", signal))).toBe("FORBIDDEN");
      const members = await cluster.one.raw.members(signal);
      expect(members.map(({ healthy, leader: leads }) => ({ healthy, leads }))).toEqual([
        { healthy: true, leads: true },
      ]);
    });

    test("an aborted call rejects with the signal's reason, and an aborted stream ends", async () => {
      await using cluster = await makeCluster();
      const aborted = AbortSignal.abort(new Error("enough"));
      await expect(cluster.one.get(keys.epoch(), aborted)).rejects.toThrow("enough");
      for await (const event of cluster.one.follow(["epoch"], {}, aborted)) expect.fail(`yielded ${event.kind}`);
      const stop = new AbortController();
      for await (const _ of cluster.one.follow(["epoch"], {}, stop.signal)) stop.abort();
      await expect(
        cluster.one.campaign({ election: "engine/leader", value: leader(A), ttlSeconds: 5 }, aborted),
      ).rejects.toThrow("enough");
    });
  });
}

const leader = (machine: MachineId) => ({ v: 1, machine, hostname: "m1", since: "2026-11-24T00:00:00.000Z" });

function presence(machine: MachineId): Presence {
  return {
    v: 1,
    machine,
    hostname: "m1",
    address: "10.0.0.1",
    agentPort: 7443,
    zone: "local",
    os: "CoreOS",
    versions: {},
    capacity: { cpus: 2, memoryMiB: 512 },
    metadata: {},
    bootId: "boot",
    instanceId: "instance",
    startedAt: "2026-11-24T00:00:00.000Z" as Timestamp,
  };
}
