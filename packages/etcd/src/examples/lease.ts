import { connectEtcd, present, put, type Key } from "@quarterdeck/etcd";
import { z } from "zod";

const presence = z.object({ v: z.literal(1), address: z.string() });
const here: Key<z.infer<typeof presence>> = { path: "presence/m1", schema: presence };

const signal = AbortSignal.timeout(20_000);
await using etcd = await connectEtcd(
  { endpoints: [process.env["ETCD"] ?? "http://127.0.0.1:2379"], tls: null, prefix: "/example/" },
  signal,
);

const lease = await etcd.grantLease({ ttlSeconds: 5 }, signal);
const value = { v: 1, address: "192.0.2.1" } as const;
await etcd.transact({ when: [], then: [put(here, value, { lease: lease.id })] }, signal);

// `lost` fires before etcd can have expired the lease. Before an act that needs it, ask the clock:
lease.check();
console.log(`held, ${lease.leftMs() > 3_000 ? "more" : "less"} than three seconds left`);

// A process that is replaced leaves the lease to its successor …
await lease.detach();
const resumed = await etcd.resumeLease(lease.id, signal);
console.log(`resumed: ${resumed !== null}`);

// … and one that is done revokes it: what hung on it is gone.
await resumed?.[Symbol.asyncDispose]();
const { committed } = await etcd.transact({ when: [present(here)], then: [] }, signal);
console.log(`still there: ${committed}`);
