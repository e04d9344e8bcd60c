import { Etcd3, type IOptions } from "etcd3";
import type { BenchClient, BenchEntry } from "./bench-client.ts";
import { BENCH_PREFIX } from "./our-client.ts";

/** Plain etcd3, used as its README and its API documentation show. */
export function etcd3Client(endpoints: readonly string[], options: Omit<IOptions, "hosts"> = {}): BenchClient {
  const client = new Etcd3({ ...options, hosts: [...endpoints] });
  const put = ({ path, value }: BenchEntry) => client.put(BENCH_PREFIX + path).value(JSON.stringify(value));
  return {
    async put(entry) {
      await put(entry).exec();
    },
    async putTogether(entries) {
      // A transaction of etcd3 begins with a condition; this one always holds.
      const { succeeded } = await client
        .if(BENCH_PREFIX, "Version", ">", -1)
        .then(...entries.map((entry) => put(entry)))
        .commit();
      if (!succeeded) throw new Error("etcd3's transaction did not take effect");
    },
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
