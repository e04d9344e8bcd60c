import { CodedError } from "@quarterdeck/model";
import type { Change, Condition, Operation, Transaction } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import type { StoredValue } from "../port.ts";
import type { Bell } from "../watch/bell.ts";

type Kept = StoredValue & { readonly lease: string | null };

/** etcd's data model in memory: revisions, history, conditions, leased keys. Keys are absolute. */
export class FakeStore {
  readonly values = new Map<string, Kept>();
  /** Keys by lease. */
  readonly leases = new Map<string, Set<string>>();
  revision: Revision = 1n;
  /** Rises whenever every follower has to start over. */
  continuity = 0;
  #history: Change[] = [];
  #lastLease = 0x694d_0000_0000_0000n;
  #compacted: Revision = 0n;
  /** Rung at every change. */
  readonly followers = new Set<Bell>();

  transact({ when, then }: Transaction): boolean {
    if (!when.every((condition) => this.#holds(condition))) return false;
    const paths = then.filter((operation) => operation.kind === "put").map((operation) => operation.path);
    if (new Set(paths).size !== paths.length)
      throw new CodedError("FAILED", { message: "etcd refuses two writes of one key in one transaction" });
    for (const operation of then) {
      if (operation.kind === "put" && operation.lease !== null && !this.leases.has(operation.lease)) {
        throw new CodedError("ETCD_LEASE_LOST", { message: `lease ${operation.lease} is gone` });
      }
    }
    this.#write(then);
    return true;
  }

  grant(): string {
    this.#lastLease += 1n;
    const id = this.#lastLease.toString(16);
    this.leases.set(id, new Set());
    return id;
  }

  /** Deletes the lease and, in one revision, every key that hung on it. */
  endLease(id: string): void {
    const paths = this.leases.get(id);
    if (paths === undefined) return;
    this.leases.delete(id);
    this.#write([...paths].map((path) => ({ kind: "delete", path })));
  }

  /** Null when the history no longer reaches back that far. */
  changesAfter(revision: Revision): readonly Change[] | null {
    if (revision < this.#compacted) return null;
    // In order of their revisions, and those who ask have all but the last few.
    return this.#history.slice(this.#history.findLastIndex((change) => change.modRevision <= revision) + 1);
  }

  compact(): void {
    this.#compacted = this.revision;
    this.#history = [];
    this.wake();
  }

  wake(): void {
    for (const bell of this.followers) bell.ring();
  }

  #holds(condition: Condition): boolean {
    const found = this.values.get(condition.path);
    switch (condition.kind) {
      case "absent":
        return found === undefined;
      case "present":
        return found !== undefined;
      case "modRevision":
        return (found?.modRevision ?? 0n) === condition.is;
      case "createRevision":
        return (found?.createRevision ?? 0n) === condition.is;
    }
  }

  #write(operations: readonly Operation[]): void {
    const effective = operations.filter((operation) => operation.kind === "put" || this.values.has(operation.path));
    if (effective.length === 0) return;
    this.revision += 1n;
    for (const operation of effective) this.#writeOne(operation);
    this.wake();
  }

  #writeOne(operation: Operation): void {
    const { path } = operation;
    const before = this.values.get(path);
    if (before?.lease) this.leases.get(before.lease)?.delete(path);
    if (operation.kind === "delete") {
      this.values.delete(path);
      this.#history.push({ path, json: null, createRevision: 0n, modRevision: this.revision });
      return;
    }
    const { json, lease } = operation;
    const kept = {
      path,
      json,
      lease,
      createRevision: before?.createRevision ?? this.revision,
      modRevision: this.revision,
    };
    this.values.set(path, kept);
    if (lease !== null) this.leases.get(lease)?.add(path);
    this.#history.push({ path, json, createRevision: kept.createRevision, modRevision: kept.modRevision });
  }
}
