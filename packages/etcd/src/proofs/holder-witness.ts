import { setTimeout as wait } from "node:timers/promises";
import { CodedError, problemOf } from "@quarterdeck/model";
import { z } from "zod";
import type { EtcdClient } from "../client.ts";
import { contests, type FencedWrite, type Holding, type Observed, type Overlap } from "./contest.ts";

/** What may happen to whoever stands, writes or gives up while etcd is being broken. */
const EXPECTED = new Set<string>([
  "ETCD_UNREACHABLE",
  "ETCD_TIMEOUT",
  "ETCD_FENCED",
  "ETCD_LEASE_LOST",
  "ETCD_CONFLICT",
  "CONFLICT",
] as const);

type Acquired = Omit<Holding, "given" | "evicted">;

/** Writes down what holders acquired, believed, wrote and were told. */
export class HolderWitness {
  readonly holdings: Holding[] = [];
  readonly writes: FencedWrite[] = [];
  readonly overlaps: Overlap[] = [];
  readonly observed: Observed[] = [];
  readonly wrong: string[] = [];
  readonly #work: Promise<void>[] = [];
  #turn = Promise.withResolvers<void>();

  /** Goes on in the background; what it throws has to be one of the failures that a broken etcd excuses, or the abort of `signal`. */
  run(work: () => Promise<void>, signal?: AbortSignal): void {
    const running = work().catch((error: unknown) => {
      if (error instanceof CodedError && EXPECTED.has(error.code)) return;
      if (signal?.aborted === true && error === signal.reason) return;
      this.wrong.push(`threw ${problemOf(error).code}: ${problemOf(error).message}`);
    });
    this.#work.push(running);
  }

  /** When all that goes on is done. */
  async rest(): Promise<void> {
    while (this.#work.length > 0) await this.#work.shift();
  }

  /** To be called at once when it was acquired: whoever had it before must not believe in it any more, and tries to write if it does. */
  acquired(acquired: Acquired): void {
    const holding = { ...acquired, given: false, evicted: false };
    for (const elder of this.holdings) {
      if (elder.contest !== holding.contest || elder.given || elder.handle.lost.aborted) continue;
      this.overlaps.push({ elder, younger: holding.fence });
      this.write(elder);
    }
    this.holdings.push(holding);
    this.write(holding);
    this.#turn.resolve();
    this.#turn = Promise.withResolvers();
  }

  /** Resolves when the next has acquired something, at the latest after so long. */
  async turn(atMostMs: number): Promise<void> {
    await Promise.race([this.#turn.promise, wait(atMostMs)]);
  }

  /** One attempt, never repeated: nothing but the fence could make it fail. */
  write({ handle, fence, contest }: Holding): void {
    const number = this.writes.length + 1;
    const believed = !handle.lost.aborted;
    const write: FencedWrite = { number, contest, fence, believed, outcome: "unknown" };
    this.writes.push(write);
    const json = JSON.stringify({ fence: fence.toString(), number });
    const then = [{ kind: "put", path: contests[contest].written, json, lease: null } as const];
    this.run(async () => {
      try {
        const { committed, revision } = await handle.transact({ when: [], then }, new AbortController().signal);
        if (committed) write.outcome = revision;
        else this.wrong.push(`write ${number} had no condition of its own, and was told that one had failed`);
      } catch (error) {
        if (error instanceof CodedError && error.code === "ETCD_FENCED") write.outcome = "refused";
        throw error;
      }
    });
  }

  giveUp(holding: Holding): void {
    holding.given = true;
    this.run(async () => holding.handle[Symbol.asyncDispose]());
  }

  /** Everything in this process stands still, as by SIGSTOP; whoever's lease is shorter must know it on waking. */
  stop(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    for (const { handle, fence, ttlSeconds } of this.holdings)
      if (ms >= ttlSeconds * 1_000 && !handle.lost.aborted)
        this.wrong.push(`fence ${fence} believed in itself on waking after ${ms} ms, with a TTL of ${ttlSeconds} s`);
  }

  observe(client: EtcdClient, signal: AbortSignal): void {
    this.run(async () => {
      for await (const leader of client.observe({ election: contests.election.queue, schema: z.unknown() }, signal))
        this.observed.push(leader?.fence ?? null);
    });
  }
}
