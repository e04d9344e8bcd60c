import { z } from "zod";
import type { EtcdClient, FollowEvent } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";

/** A value as a follower has it. */
export type Claimed = { readonly path: string; readonly json: string | null; readonly modRevision: Revision };

/** What a follower was told, word for word. */
export type Claim =
  | { readonly kind: "reset"; readonly revision: Revision; readonly values: readonly Claimed[]; readonly why: string }
  | { readonly kind: "batch"; readonly revision: Revision; readonly changes: readonly Claimed[] };

/** The values of the proofs; strict, so that nothing is lost on the way through it. */
export const proofValue = z.strictObject({ v: z.literal(1), n: z.int() });

export type FollowerPlan = { readonly prefixes: readonly string[]; readonly from: Revision | null };

/** Follows and writes down all it is told, up to its disposal; may be made to stall, as a slow reader does. */
export class FollowerWitness {
  readonly plan: FollowerPlan;
  readonly claims: Claim[] = [];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;
  #stalled: PromiseWithResolvers<void> | null = null;
  #progress = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | null = null;

  constructor(client: EtcdClient, plan: FollowerPlan) {
    this.plan = plan;
    this.#reading = this.#read(client);
  }

  get revision(): Revision {
    return this.claims.at(-1)?.revision ?? this.plan.from ?? 0n;
  }

  stall(): void {
    this.#stalled ??= Promise.withResolvers();
  }

  resume(): void {
    this.#stalled?.resolve();
    this.#stalled = null;
  }

  /** Resolves when it was told of `revision` or a later one. @throws when it did not within `timeoutMs` or its follow broke */
  async reaches(revision: Revision, timeoutMs: number): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Error(`told of ${this.revision} only, not of ${revision}, after ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      while (this.revision < revision) {
        if (this.#failure !== null) throw this.#failure.error;
        await Promise.race([this.#progress.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.resume();
    this.#stop.abort();
    await this.#reading;
  }

  async #read(client: EtcdClient): Promise<void> {
    const { prefixes, from } = this.plan;
    try {
      for await (const event of client.follow(prefixes, from === null ? {} : { from }, this.#stop.signal)) {
        this.claims.push(toClaim(event, prefixes));
        this.#progress.resolve();
        this.#progress = Promise.withResolvers();
        await this.#stalled?.promise;
      }
    } catch (error) {
      this.#failure = { error };
      this.#progress.resolve();
    }
  }
}

function toClaim(event: FollowEvent, prefixes: readonly string[]): Claim {
  if (event.kind === "batch") {
    const changes = event.changes.map(({ path, json, modRevision }) => ({ path, json, modRevision }));
    return { kind: "batch", revision: event.revision, changes };
  }
  const { snapshot, why } = event;
  const entries = prefixes.flatMap((path) => {
    if (path.endsWith("/")) return snapshot.list({ path, segments: [path.slice(0, -1), null], schema: proofValue });
    const entry = snapshot.get({ path, schema: proofValue });
    return entry === null ? [] : [entry];
  });
  const values = entries.map(({ path, value, modRevision }) => ({ path, json: JSON.stringify(value), modRevision }));
  return { kind: "reset", revision: snapshot.revision, values, why };
}
