import { isAccessControlled } from "./access/is-access-controlled.ts";
import { listMembers } from "./cluster/list-members.ts";
import { readHealth } from "./cluster/read-health.ts";
import type { Endpoints } from "./connection/endpoints.ts";
import { readKeys } from "./keyspace/read-keys.ts";
import { readPages } from "./keyspace/read-pages.ts";
import { readSpans, spanOf } from "./keyspace/read-range.ts";
import { readRaw } from "./keyspace/read-raw.ts";
import { relativeTo } from "./keyspace/relative-to.ts";
import { grantLease } from "./lease/grant-lease.ts";
import { KeepAliveLoop } from "./lease/keep-alive-loop.ts";
import { resumeLease } from "./lease/resume-lease.ts";
import type { EtcdPort } from "./port.ts";
import { sendTransaction } from "./transaction/send-transaction.ts";
import { transact } from "./transaction/transact.ts";
import { follow } from "./watch/follow.ts";
import { WatchLoop } from "./watch/watch-loop.ts";

/** etcd over gRPC. */
export function createGrpcPort(endpoints: Endpoints, prefix: string): EtcdPort {
  const loop = new WatchLoop(endpoints, prefix);
  const leases = new KeepAliveLoop(endpoints);
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
    async transact(transaction, signal) {
      leases.beforeWrite(transaction);
      return transact({ endpoints, prefix }, transaction, signal);
    },
    follow: (paths, options, signal) => follow({ endpoints, loop, prefix }, paths, options, signal),
    grantLease: (options, signal) => grantLease({ endpoints, loop: leases }, options, signal),
    resumeLease: (id, signal) => resumeLease({ endpoints, loop: leases }, id, signal),
    rawGet: (path, signal) => readRaw(endpoints, path, signal),
    rawKeys: (start, end, signal) => readKeys(endpoints, { start, end }, signal),
    async rawPut(path, value, signal) {
      leases.beforeWrite({ then: [] });
      const put = { key: Buffer.from(path), value: Buffer.from(value), lease: "0" };
      const request = { compare: [], success: [{ request_put: put }], failure: [] };
      await sendTransaction(endpoints, request, { action: `write ${path}`, repeatable: false }, signal);
    },
    isAccessControlled: (signal) => isAccessControlled(endpoints, signal),
    health: (signal) => readHealth(endpoints, signal),
    members: (signal) => listMembers(endpoints, signal),
    async [Symbol.asyncDispose]() {
      loop.close();
      await leases.close();
      endpoints.close();
    },
  };
}
