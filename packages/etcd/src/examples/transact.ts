import { absent, connectEtcd, put, transactParts, type Key } from "@quarterdeck/etcd";
import { z } from "zod";

const counter = z.object({ v: z.literal(1), n: z.int() });
const at = (name: string): Key<z.infer<typeof counter>> => ({ path: `counters/${name}`, schema: counter });

const signal = AbortSignal.timeout(20_000);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);

// All of `then` or nothing; what is read in the same instant has the type of its key.
const create = (n: number) =>
  etcd.transact(
    { when: [absent(at("a"))], then: [put(at("a"), { v: 1, n })], elseRead: { standing: at("a") } },
    signal,
  );
for (const n of [1, 2]) {
  const result = await create(n);
  console.log(result.committed ? "created" : `stands: ${result.standing?.value.n}`);
}

// What does not depend on each other goes out in as few transactions as it fits into; each part is written whole or not at all.
const parts = Array.from({ length: 1_000 }, (_, n) => ({
  when: [absent(at(`many-${n}`))],
  then: [put(at(`many-${n}`), { v: 1, n })],
}));
const results = await transactParts(etcd, parts, signal);
console.log(`${results.filter(({ outcome }) => outcome === "committed").length} parts written`);
