import { CodedError } from "@quarterdeck/model";
import type { EtcdClient, Reads, Transaction, TransactionResult } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { text } from "../keyspace/text.ts";
import { createRevisionIs } from "../transaction/condition.ts";
import type { Held } from "./stand.ts";

export type TenureParts = Held & {
  readonly client: EtcdClient;
  /** For people: `the term that began at revision 7`. */
  readonly name: string;
  /** Where it is written why somebody removed the key, in the same transaction. */
  readonly record?: { readonly path: string; readonly explain: (written: string) => string | null };
};

type TextAt = (path: string) => string | null;

/** What a term and a held lock have in common: over when its lease is lost, its key is gone, a fence failed, or it was given up. */
export class Tenure {
  readonly #parts: TenureParts;
  readonly #over = new AbortController();
  readonly #lost: AbortSignal;
  readonly #watching: Promise<void>;
  #ended: Promise<void> | null = null;

  constructor(parts: TenureParts) {
    this.#parts = parts;
    this.#lost = AbortSignal.any([this.#over.signal, parts.lease.lost]);
    this.#watching = this.#watch(this.#lost);
  }

  get lost(): AbortSignal {
    // Looks at the clock, and fires this one with it.
    void this.#parts.lease.lost;
    return this.#lost;
  }

  check(): void {
    this.#over.signal.throwIfAborted();
    // Of a lease that was detached `lost` says nothing.
    this.#parts.lease.check();
  }

  async transact<Then extends Reads, Else extends Reads>(
    transaction: Transaction<Then, Else>,
    signal: AbortSignal,
  ): Promise<TransactionResult<Then, Else>> {
    const { client, path, fence } = this.#parts;
    if (this.lost.aborted) throw this.#depose("its lease was lost or it was given up");
    const when = [...transaction.when, createRevisionIs({ path }, fence)];
    // Nobody but the holder writes under the fence.
    const result = await client.transact({ ...transaction, when, unique: true }, signal);
    if (result.committed) return result;
    // Which of the conditions failed? A key that is still the same was so then, and the failure is one of the caller's.
    const found = await client.snapshot(this.#followed, signal);
    if (found.get({ path, schema: text })?.createRevision === fence) return result;
    throw this.#depose(this.#explain((at) => found.get({ path: at, schema: text })?.value ?? null));
  }

  /** Gives it up at once; the next in the queue need not wait for the lease. What failed may be tried again. */
  async end(): Promise<void> {
    this.#ended ??= this.#giveUp();
    try {
      await this.#ended;
    } catch (error) {
      this.#ended = null;
      throw error;
    }
  }

  async #giveUp(): Promise<void> {
    this.#depose("it was given up");
    await this.#watching;
    await this.#parts.leave();
  }

  get #followed(): readonly string[] {
    const { path, record } = this.#parts;
    return record === undefined ? [path] : [path, record.path];
  }

  /** The first reason stays. */
  #depose(why: string): CodedError {
    const error = new CodedError("ETCD_FENCED", { message: `${this.#parts.name} is over: ${why}` });
    this.#over.abort(error);
    const { reason } = this.#over.signal;
    return reason instanceof CodedError ? reason : error;
  }

  #explain(textAt: TextAt): string {
    const { record } = this.#parts;
    const written = record === undefined ? null : textAt(record.path);
    const why = written === null ? null : record?.explain(written);
    return why ?? "its key was deleted";
  }

  /** etcd's refusal of the next write would tell too, only later. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { client, path, fence } = this.#parts;
    const stands = (revision: Revision | undefined): boolean => revision === fence;
    try {
      for await (const event of client.follow(this.#followed, { from: fence }, signal)) {
        if (event.kind === "reset") {
          const { snapshot } = event;
          if (stands(snapshot.get({ path, schema: text })?.createRevision)) continue;
          this.#depose(this.#explain((at) => snapshot.get({ path: at, schema: text })?.value ?? null));
        } else {
          const own = event.changes.find((change) => change.path === path);
          if (own === undefined || stands(own.createRevision)) continue;
          this.#depose(this.#explain((at) => event.changes.find((change) => change.path === at)?.json ?? null));
        }
        return;
      }
    } catch (error) {
      // Not being able to watch does not end a tenure: the lease and the fence still do.
      if (!(error instanceof CodedError)) throw error;
    }
  }
}
