import type { BenchValue } from "./bench-value.ts";

/** One key of the benchmarks with its value; `path` is relative to the benchmarks' prefix. */
export type BenchEntry = { readonly path: string; readonly value: BenchValue };

/** What every benchmark asks of an etcd client; ours and etcd3 each do it as their own documentation recommends. */
export type BenchClient = AsyncDisposable & {
  put(entry: BenchEntry): Promise<void>;
  /** As many in one transaction as etcd takes, eight transactions under way. */
  putAll(entries: readonly BenchEntry[]): Promise<void>;
  /** Reads everything below a prefix into memory, as text by key; the answer counts the keys. */
  readAll(prefix: string): Promise<() => number>;
  /** Resolves when the watch stands; `onPut` is called for each key written from then on, with its path. The answer ends it. */
  follow(prefix: string, onPut: (path: string) => void): Promise<() => Promise<void>>;
};
