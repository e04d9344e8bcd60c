import { once } from "node:events";
import { CodedError, LOCK_TEXT } from "@quarterdeck/model";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { EtcdClient, Term } from "../client.ts";
import { keys } from "../keyspace/keys.ts";
import type { LockClaim, LockOptions } from "../lock/lock.ts";
import { present } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import { codeOf } from "./code-of.ts";
import type { ContractCluster } from "./etcd-contract.ts";

const signal = AbortSignal.timeout(120_000);
const scope = "deploy";
const by = (holder: string, more: Partial<LockOptions> = {}): LockOptions => ({
  scope,
  holder,
  reason: `${holder}'s reason`,
  ttlSeconds: 10,
  ...more,
});
const write = { when: [], then: [put(keys.epoch(), { v: 1 as const, epoch: 1, released: true })] };

/** What locks must do over every store: part of the client's contract. */
export function describeLockContract(makeCluster: () => Promise<ContractCluster>): void {
  describe("a lock", { timeout: 60_000 }, () => {
    test("is held by one, waited for in order, and shows who, why, since when and which place", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const first = await one.locks.acquire(by("ann"), signal);
      const second = two.locks.acquire(by("bob"), signal);
      await claims(one, 2);
      const third = one.locks.acquire(by("cid"), signal);
      const listed = await claims(two, 3);
      expect(listed).toMatchObject([
        { position: 0, holder: "ann", reason: "ann's reason", key: first.key, fence: first.fence },
        { position: 1, holder: "bob", reason: "bob's reason" },
        { position: 2, holder: "cid", reason: "cid's reason" },
      ]);
      for (const { key, leaseHex, since, ageSeconds } of listed) {
        expect(key).toBe(`locks/deploy/${leaseHex}`);
        expect(Math.abs(Date.now() - Date.parse(since ?? ""))).toBeLessThan(60_000);
        expect(ageSeconds).toBeLessThan(60);
      }
      expect((await first.transact(write, signal)).committed).toBe(true);
      expect((await first.transact({ ...write, when: [present(keys.policy())] }, signal)).committed).toBe(false);
      await first.release();
      const held = await second;
      expect(held.fence).toBeGreaterThan(first.fence);
      expect(await codeOf(first.transact(write, signal))).toBe("ETCD_FENCED");
      expect(codeOfCall(() => first.check())).toBe("ETCD_FENCED");
      held.check();
      await held.release();
      await (await third).release();
      expect(await one.locks.list(signal)).toEqual([]);
    });

    test("that is held is not taken by an attempt, which leaves nothing behind", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const lock = await one.locks.acquire(by("ann"), signal);
      expect(await two.locks.attempt(by("bob"), signal)).toBeNull();
      expect(await two.locks.attempt({ ...by("bob"), waitMs: 50 }, signal)).toBeNull();
      expect((await one.locks.read(scope, signal)).claims.map(({ holder }) => holder)).toEqual(["ann"]);
      const waiting = two.locks.attempt({ ...by("bob"), waitMs: 60_000 }, signal);
      await claims(one, 2);
      await lock.release();
      const taken = await waiting;
      expect(taken?.lost.aborted).toBe(false);
      await taken?.release();
      await using again = await two.locks.attempt(by("bob"), signal);
      expect(again?.scope).toBe(scope);
    });

    test("that nobody waits for any more has no key of theirs, whosesoever the lease", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      await using lock = await one.locks.acquire(by("ann"), signal);
      await using lease = await two.grantLease({ ttlSeconds: 10 }, signal);
      for (const source of [{ ttlSeconds: 10 }, { lease }]) {
        const stop = new AbortController();
        const waiting = two.locks.acquire(by("bob", source), stop.signal);
        await claims(one, 2);
        stop.abort(new Error("enough"));
        await expect(waiting).rejects.toThrow("enough");
        expect((await one.locks.read(scope, signal)).claims.length).toBe(1);
        await expect(two.locks.acquire(by("bob", source), stop.signal)).rejects.toThrow("enough");
        expect((await one.locks.read(scope, signal)).claims.length).toBe(1);
      }
      lease.check();
      lock.check();
    });

    test("that is stolen tells its victim by whom and why, refuses its writes, and is recorded", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const victim = await one.locks.acquire(by("ann"), signal);
      const waiting = one.locks.acquire(by("bob"), signal);
      await claims(two, 2);
      const thief = await two.locks.steal({ ...by("cid"), from: victim.fence }, signal);
      if (!victim.lost.aborted) await once(victim.lost, "abort");
      expect(victim.lost.reason).toMatchObject({
        code: "ETCD_FENCED",
        message: expect.stringMatching(
          /^the hold of locks\/deploy is over: it was stolen by cid at 2.*: cid's reason$/,
        ),
      });
      expect(await codeOf(victim.transact(write, signal))).toBe("ETCD_FENCED");
      expect((await thief.transact(write, signal)).committed).toBe(true);
      await claims(one, 2);
      const { claims: after, steals } = await one.locks.read(scope, signal);
      expect(after.map(({ holder }) => holder)).toEqual(["cid", "bob"]);
      const stolen = { key: victim.key, fence: victim.fence.toString(), holder: "ann" };
      expect(steals).toMatchObject([{ thief: "cid", reason: "cid's reason", victim: stolen }]);
      expect(await codeOf(two.locks.steal({ ...by("dan"), from: victim.fence }, signal))).toBe("ETCD_CONFLICT");
      await claims(one, 2);
      await victim.release();
      thief.check();
      await thief.release();
      await (await waiting).release();
      expect(await one.locks.list(signal)).toMatchObject([{ scope, claims: [], steals: [{ thief: "cid" }] }]);
    });

    test("that nobody holds is stolen from nobody", async () => {
      await using cluster = await makeCluster();
      await using lock = await cluster.one.locks.steal(by("ann"), signal);
      lock.check();
      expect((await cluster.two.locks.read(scope, signal)).steals).toEqual([]);
    });

    test("that many steal at once is held by one, and each who lost it was robbed by the next", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const first = await one.locks.acquire(by("0"), signal);
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? one : two).locks.steal(by(String(n + 1)), signal)),
      );
      const locks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      for (const result of results) {
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "ETCD_CONFLICT" });
      }
      const { claims: after, steals } = await one.locks.read(scope, signal);
      const [holder] = after;
      expect(after.length).toBe(1);
      expect(steals.at(-1)?.victim.fence).toBe(first.fence.toString());
      const chain = steals.toReversed().map(({ thief, victim }) => [victim.holder, thief]);
      for (const [index, [robbed]] of chain.entries()) if (index > 0) expect(robbed).toBe(chain[index - 1]?.[1]);
      expect(chain.at(-1)?.[1]).toBe(holder?.holder);
      for (const lock of [first, ...locks]) {
        if (lock.fence === holder?.fence) lock.check();
        else expect(await codeOf(lock.transact(write, signal))).toBe("ETCD_FENCED");
      }
      for (const lock of [first, ...locks]) await lock.release();
    });

    test("is stolen past more waiters than a transaction has room for", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const victim = await one.locks.acquire(by("ann"), signal);
      const waiters = Array.from({ length: 130 }, (_, n) => `locks/deploy/${(n + 1).toString(16)}`);
      for (const some of [waiters.slice(0, 65), waiters.slice(65)]) {
        const then = some.map((path) => ({ kind: "put", path, json: "", lease: null }) as const);
        await one.transact({ when: [], then }, signal);
      }
      await using thief = await two.locks.steal(by("bob"), signal);
      expect((await one.locks.read(scope, signal)).claims.map(({ key }) => key)).toEqual([thief.key]);
      expect(await codeOf(victim.transact(write, signal))).toBe("ETCD_FENCED");
    });

    test("under the caller's lease is held once, goes with the lease and not before, and can be resumed", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const lease = await one.grantLease({ ttlSeconds: 30 }, signal);
      const lock = await one.locks.acquire(by("ann", { lease }), signal);
      expect(await codeOf(one.locks.acquire(by("ann", { lease }), signal))).toBe("CONFLICT");
      lock.check();
      await using elsewhere = await one.locks.acquire(by("ann", { lease, scope: "elsewhere" }), signal);
      elsewhere.check();
      await lock.release();
      await lock.release();
      lease.check();
      const kept = await one.locks.acquire(by("ann", { lease }), signal);
      await lease.detach();
      const resumed = await two.resumeLease(lease.id, signal);
      if (resumed === null) throw new Error("the lease is gone");
      await using another = await one.locks.acquire(by("bob", { scope: "another" }), signal);
      for (const not of ["nowhere", another.scope])
        expect(await two.locks.resume({ scope: not, lease: resumed }, signal)).toBeNull();
      const later = await two.locks.resume({ scope, lease: resumed }, signal);
      expect(later?.fence).toBe(kept.fence);
      expect((await later?.transact(write, signal))?.committed).toBe(true);
      await resumed[Symbol.asyncDispose]();
      expect((await one.locks.read(scope, signal)).claims).toEqual([]);
      expect(await codeOf(later?.transact(write, signal))).toBe("ETCD_FENCED");
      expect(await codeOf(one.locks.acquire(by("ann", { lease: resumed }), signal))).toBe("ETCD_LEASE_LOST");
    });

    test("whose claim or lease somebody ended while its holder waited is stood for anew", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      const lock = await one.locks.acquire(by("ann"), signal);
      const waiting = two.locks.acquire(by("bob"), signal);
      let [, place] = await claims(one, 2);
      const moved = async (): Promise<void> => {
        const before = place?.fence;
        const look = async (): Promise<bigint | undefined> => ([, place] = await claims(one, 2)) && place?.fence;
        await expect.poll(look, { timeout: 20_000 }).not.toBe(before);
      };
      await one.transact({ when: [], then: [remove({ path: place?.key ?? "" })] }, signal);
      await moved();
      const lease = await one.resumeLease(place?.leaseHex ?? "", signal);
      await lease?.[Symbol.asyncDispose]();
      await moved();
      await lock.release();
      const held = await waiting;
      expect(held.fence).toBe(place?.fence);
      await held.release();
    });

    test("is no longer waited for when the caller's lease ends", async () => {
      await using cluster = await makeCluster();
      const { one, two } = cluster;
      await using lock = await one.locks.acquire(by("ann"), signal);
      const lease = await two.grantLease({ ttlSeconds: 10 }, signal);
      const waiting = codeOf(two.locks.acquire(by("bob", { lease }), signal));
      await claims(one, 2);
      await (await one.resumeLease(lease.id, signal))?.[Symbol.asyncDispose]();
      expect(await waiting).toBe("ETCD_LEASE_LOST");
      await claims(one, 1);
      lock.check();
    });

    test("shows what others left there as unknown, and hostile text as one plain line", async () => {
      await using cluster = await makeCluster();
      const { one } = cluster;
      await cluster.writeText("locks/deploy/1f", "");
      await cluster.writeText("locks/deploy/2f", JSON.stringify({ v: 2, holder: "newer" }));
      await cluster.writeText("locks/deploy/by-hand", "{ not json");
      await cluster.writeText("locks/deploy/deeper/than/that", "");
      await cluster.writeText("locks/other", JSON.stringify({ v: 2, anything: true }));
      const unknown = { holder: null, reason: null, since: null, ageSeconds: null };
      expect(await one.locks.list(signal)).toMatchObject([
        {
          scope,
          claims: [
            { position: 0, leaseHex: "1f", ...unknown },
            { position: 1, leaseHex: "2f", ...unknown },
            { position: 2, leaseHex: null, ...unknown },
          ],
        },
        { scope: "other", claims: [], steals: [] },
      ]);
      const hostile = by("ann\n\u202Eroot\u001b[2J", { reason: "x\0".repeat(2_000), scope: "odd" });
      await using lock = await one.locks.acquire(hostile, signal);
      const [shown] = (await one.locks.read("odd", signal)).claims;
      expect(shown?.holder).toBe("ann root [2J");
      expect(shown?.reason).toMatch(/^(x )+x…$|^(x )+…$/);
      expect(shown?.reason?.length).toBeLessThanOrEqual(LOCK_TEXT.reason);
      lock.check();
    });

    test("that cannot be is refused with a code before anything is written", async () => {
      await using cluster = await makeCluster();
      const { one } = cluster;
      for (const bad of ["", "..", ".", "a/b", "a\nb", "\u202Ea", "x".repeat(300), "\ud800"])
        for (const attempt of [
          () => one.locks.acquire(by("ann", { scope: bad }), signal),
          () => one.locks.attempt(by("ann", { scope: bad }), signal),
          () => one.locks.steal(by("ann", { scope: bad }), signal),
          () => one.locks.read(bad, signal),
        ])
          expect(await codeOf(attempt()), JSON.stringify(bad)).toBe("ETCD_INVALID_KEY");
      for (const ttlSeconds of [0, -1, 1.5, Number.NaN, 1e12])
        expect(await codeOf(one.locks.acquire(by("ann", { ttlSeconds }), signal)), `${ttlSeconds}`).toBe(
          "INVALID_CONFIG",
        );
      for (const waitMs of [-1, Number.NaN, 2 ** 31])
        expect(await codeOf(one.locks.attempt({ ...by("ann"), waitMs }, signal)), `${waitMs}`).toBe("INVALID_CONFIG");
      expect(await codeOf(one.locks.acquire(by(" \n"), signal))).toBe("INVALID_CONFIG");
      for (const election of ["", "a//b", "../x", "x".repeat(1_010)])
        expect(await codeOf(one.campaign({ election, value: {}, ttlSeconds: 10 }, signal))).toBe("ETCD_INVALID_KEY");
      expect(await one.locks.list(signal)).toEqual([]);
    });
  });

  test("an election is observed: who leads, who follows, and when nobody does", { timeout: 60_000 }, async () => {
    await using cluster = await makeCluster();
    const { one, two } = cluster;
    const election = "engine/leader";
    const schema = z.object({ name: z.string() });
    const stand = (client: EtcdClient, name: string): Promise<Term> =>
      client.campaign({ election, value: { name }, ttlSeconds: 10 }, signal);
    /** Another who joins the queue is no news of the leader; there is time to see him before she goes. */
    const joinAndLeave = async (term: Term | null): Promise<void> => {
      await cluster.writeText("engine/leader/ffff", "theirs");
      for (let calls = 0; calls < 10; calls += 1) await two.get(keys.epoch(), signal);
      await term?.resign();
    };
    let leaving: Promise<void> | null = null;
    const seen: (string | null)[] = [];
    let term: Term | null = null;
    for await (const leader of one.observe({ election, schema }, signal)) {
      const name = leader === null ? null : (leader.value?.name ?? leader.text);
      // Whether the moment without a leader is seen between two of them is chance.
      if (name !== null || term === null) seen.push(name);
      if (name === null && seen.length === 1) {
        term = await stand(two, "ann");
      } else if (name === "ann") {
        expect(leader).toMatchObject({ leaderKey: term?.leaderKey, fence: term?.fence });
        leaving = joinAndLeave(term);
      } else if (name === "theirs") {
        expect(term?.lost.aborted).toBe(true);
        await leaving;
        await two.transact({ when: [], then: [remove({ path: "engine/leader/ffff" })] }, signal);
        term = await stand(two, "bob");
      } else if (name === "bob") {
        await term?.resign();
        term = null;
      } else if (term === null) {
        break;
      }
    }
    expect(seen).toEqual([null, "ann", "theirs", "bob", null]);
  });
}

/** The claims once there are `count`. */
async function claims(client: EtcdClient, count: number): Promise<readonly LockClaim[]> {
  let found: readonly LockClaim[] = [];
  const look = async (): Promise<number> => (found = (await client.locks.read(scope, signal)).claims).length;
  await expect.poll(look, { timeout: 20_000, interval: 5 }).toBe(count);
  return found;
}

function codeOfCall(call: () => void): string {
  try {
    call();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return "nothing was thrown";
}
