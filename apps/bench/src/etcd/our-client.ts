import { connectEtcd, put, transactParts, type Key } from "@quarterdeck/etcd";
import type { BenchClient, BenchEntry } from "./bench-client.ts";
import { benchValueSchema, type BenchValue } from "./bench-value.ts";

/** Keys of the benchmarks lie here, apart from Quarterdeck's own. */
export const BENCH_PREFIX = "/quarterdeck-bench/";

/** Quarterdeck's own client; each value is checked against its schema before it is sent. */
export async function ourClient(endpoints: readonly string[], signal: AbortSignal): Promise<BenchClient> {
  const client = await connectEtcd({ endpoints, tls: null, prefix: BENCH_PREFIX, callTimeoutMs: 60_000 }, signal);
  const write = ({ path, value }: BenchEntry) => ({ when: [], then: [put(keyOf(path), value)] });
  return {
    async put(entry) {
      await client.transact(write(entry), signal);
    },
    async putAll(entries) {
      const results = await transactParts(client, entries.map(write), signal);
      if (results.some(({ outcome }) => outcome !== "committed")) throw new Error("not all keys were written");
    },
    async readAll(prefix) {
      const snapshot = await client.snapshot([prefix], signal);
      return () =>
        snapshot.list({ path: prefix, segments: [prefix.slice(0, -1), null], schema: benchValueSchema }).length;
    },
    async follow(prefix, onPut) {
      const stop = new AbortController();
      const standing = Promise.withResolvers<void>();
      const read = async (): Promise<void> => {
        for await (const event of client.follow([prefix], {}, stop.signal)) {
          if (event.kind === "reset") standing.resolve();
          else for (const { path } of event.changes) onPut(path);
        }
      };
      const reading = read();
      await Promise.race([standing.promise, reading]);
      return async () => {
        stop.abort();
        await reading;
      };
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

const keyOf = (path: string): Key<BenchValue> => ({ path, schema: benchValueSchema });
