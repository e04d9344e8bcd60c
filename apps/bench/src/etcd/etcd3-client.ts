import { Etcd3, type IOptions } from "etcd3";
import { IN_FLIGHT, MOST_OPERATIONS } from "./batched-put.ts";
import type { BenchClient, BenchEntry } from "./bench-client.ts";
import { BENCH_PREFIX } from "./our-client.ts";
import { shareOut } from "./share-out.ts";

/** Plain etcd3, used as its README and its API documentation show. */
export function etcd3Client(endpoints: readonly string[], options: Omit<IOptions, "hosts"> = {}): BenchClient {
  const client = new Etcd3({ ...options, hosts: [...endpoints] });
  const put = ({ path, value }: BenchEntry) => client.put(BENCH_PREFIX + path).value(JSON.stringify(value));
  return {
    async put(entry) {
      await put(entry).exec();
    },
    putAll: (entries) =>
      shareOut(chunksOf(entries), IN_FLIGHT, async (chunk) => {
        // A transaction of etcd3 begins with a condition; this one always holds.
        const { succeeded } = await client
          .if(BENCH_PREFIX, "Version", ">", -1)
          .then(...chunk.map((entry) => put(entry)))
          .commit();
        if (!succeeded) throw new Error("etcd3's transaction did not take effect");
      }),
    async readAll(prefix) {
      const found = await client
        .getAll()
        .prefix(BENCH_PREFIX + prefix)
        .strings();
      return () => Object.keys(found).length;
    },
    async follow(prefix, onPut) {
      const watcher = await client
        .watch()
        .prefix(BENCH_PREFIX + prefix)
        .create();
      watcher.on("put", ({ key }) => onPut(key.toString().slice(BENCH_PREFIX.length)));
      return () => watcher.cancel();
    },
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
}

function chunksOf(entries: readonly BenchEntry[]): readonly (readonly BenchEntry[])[] {
  const count = Math.ceil(entries.length / MOST_OPERATIONS);
  return Array.from({ length: count }, (_, index) =>
    entries.slice(index * MOST_OPERATIONS, (index + 1) * MOST_OPERATIONS),
  );
}
