import { listMembers } from "./cluster/list-members.ts";
import { readHealth } from "./cluster/read-health.ts";
import { callEtcd } from "./connection/call-etcd.ts";
import type { Endpoints } from "./connection/endpoints.ts";
import { readPages } from "./keyspace/read-pages.ts";
import { readSpans, spanOf } from "./keyspace/read-range.ts";
import { relativeTo } from "./keyspace/relative-to.ts";
import { isLeaseId, toDecimalLease } from "./lease/lease-id.ts";
import { LeaseLoop, type GrantedLease } from "./lease/lease-loop.ts";
import type { EtcdPort } from "./port.ts";
import { encodeTransaction } from "./transaction/encode-transaction.ts";
import { transact } from "./transaction/transact.ts";
import { follow } from "./watch/follow.ts";
import { WatchLoop } from "./watch/watch-loop.ts";

/** etcd over gRPC. */
export function createGrpcPort(endpoints: Endpoints, prefix: string): EtcdPort {
  const loop = new WatchLoop(endpoints, prefix);
  const leases = new Set<LeaseLoop>();
  const keepAlive = (granted: GrantedLease): LeaseLoop => {
    const lease = new LeaseLoop(endpoints, granted, (stopped) => leases.delete(stopped));
    leases.add(lease);
    return lease;
  };

  return {
    prefix,
    async read(paths, signal) {
      const { revision, values } = await readSpans(
        endpoints,
        paths.map((path) => spanOf(prefix, path)),
        signal,
      );
      return { revision, values: relativeTo(prefix, values) };
    },
    pages: (spans, signal) => readPages({ endpoints, prefix }, spans, signal),
    transact: (transaction, lookAt, signal) => transact({ endpoints, prefix }, transaction, lookAt, signal),
    follow: (paths, options, signal) => follow({ endpoints, loop, prefix }, paths, options, signal),
    async grantLease({ ttlSeconds }, signal) {
      const sentAt = performance.now();
      // A lost reply leaves a lease without keys, which ends by itself.
      const call = { name: "leaseGrant", request: { TTL: ttlSeconds } } as const;
      const granted = await callEtcd(endpoints, call, { action: "be granted a lease", repeatable: true }, signal);
      return keepAlive({ id: granted.ID, ttlSeconds: Number(granted.TTL), sentAt });
    },
    async resumeLease(id, signal) {
      if (!isLeaseId(id)) return null;
      const decimal = toDecimalLease(id);
      const sentAt = performance.now();
      const call = { name: "leaseTimeToLive", request: { ID: decimal } } as const;
      const found = await callEtcd(endpoints, call, { action: `look at lease ${id}`, repeatable: true }, signal);
      if (Number(found.TTL) <= 0) return null;
      // The lease has `TTL` seconds left, counted by etcd: as if a keep-alive had been sent so long ago.
      const ttlSeconds = Number(found.grantedTTL);
      return keepAlive({ id: decimal, ttlSeconds, sentAt: sentAt - (ttlSeconds - Number(found.TTL)) * 1_000 });
    },
    async rawRange(start, end, signal) {
      const { values } = await readSpans(endpoints, [{ start, end }], signal);
      return values.map(({ path, json, modRevision }) => ({ path, value: json, modRevision }));
    },
    async rawPut(path, value, signal) {
      const request = encodeTransaction(
        "",
        { when: [], then: [{ kind: "put", path, json: value, lease: null }] },
        null,
      );
      await callEtcd(endpoints, { name: "txn", request }, { action: `write ${path}`, repeatable: false }, signal);
    },
    health: (signal) => readHealth(endpoints, signal),
    members: (signal) => listMembers(endpoints, signal),
    async [Symbol.asyncDispose]() {
      loop.close();
      await Promise.all([...leases].map((lease) => lease.detach()));
      endpoints.close();
    },
  };
}
