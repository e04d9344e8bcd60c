import { CodedError, connectEtcd, put, type Key } from "@quarterdeck/etcd";
import { z } from "zod";

const plan = z.object({ v: z.literal(1), by: z.string() });
const key: Key<z.infer<typeof plan>> = { path: "plan", schema: plan };

const signal = AbortSignal.timeout(20_000);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);
// The same keys as `etcdctl elect /example/leader anna`.
const stand = (name: string) => etcd.campaign({ election: "leader", value: name, ttlSeconds: 5 }, signal);

const anna = await stand("anna");
await anna.transact({ when: [], then: [put(key, { v: 1, by: "anna" })] }, signal);

const waiting = stand("bert");
await anna.resign();
const bert = await waiting;
console.log(`bert's fence is higher: ${bert.fence > anna.fence}`);

// Whoever led before and does not know better yet is stopped by the fence, in etcd itself.
try {
  await anna.transact({ when: [], then: [put(key, { v: 1, by: "anna again" })] }, signal);
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  console.log(error.code);
}
await bert.resign();
