import { CodedError } from "@quarterdeck/model";
import type { EtcdClient } from "./client.ts";
import { campaign } from "./election/campaign.ts";
import { observeElection } from "./election/observe-election.ts";
import { checkPath } from "./keyspace/check-path.ts";
import { KeyTable } from "./keyspace/key-table.ts";
import { prefixEnd } from "./keyspace/prefix-end.ts";
import { createLocks } from "./lock/create-locks.ts";
import type { EtcdPort } from "./port.ts";
import { readAnswer } from "./transaction/read-answer.ts";
import { createMirror } from "./watch/mirror.ts";

/** Makes the client of any store that does what {@link EtcdPort} says. */
export function createClient(port: EtcdPort): EtcdClient {
  const snapshot: EtcdClient["snapshot"] = async (prefixes, signal) => {
    const { revision, values } = await port.read(prefixes, signal);
    return KeyTable.of(prefixes, revision, values);
  };
  const client: EtcdClient = {
    snapshot,
    get: async (key, signal) => (await snapshot([checkPath(key.path)], signal)).get(key),
    list: async (range, signal) => {
      const found = await snapshot([range.path], signal);
      return { revision: found.revision, entries: found.list(range), unreadable: found.unreadable(range) };
    },
    pages: (spans, signal) => port.pages(spans, signal),
    follow: (prefixes, options, signal) => port.follow(prefixes, options, signal),
    mirror: (prefixes, signal) => createMirror(port, prefixes, signal),
    transact: async (transaction, signal) => readAnswer(transaction, await port.transact(transaction, signal)),
    grantLease: (options, signal) => port.grantLease(options, signal),
    resumeLease: (id, signal) => port.resumeLease(id, signal),
    campaign: (options, signal) => campaign(client, options, signal),
    observe: (options, signal) => observeElection(client, options, signal),
    /** Stands on the client itself, which is not there yet. */
    get locks() {
      return locks;
    },
    isAccessControlled: (signal) => port.isAccessControlled(signal),
    health: (signal) => port.health(signal),
    raw: {
      get: async (path, signal) => {
        const found = await port.rawGet(path, signal);
        return found === null ? null : { ...found, value: found.bytes.toString() };
      },
      put: async (path, value, signal) => {
        refuseOwn(port.prefix, path);
        await port.rawPut(path, value, signal);
      },
      list: async (prefix, signal) => {
        const paths = await port.rawKeys(prefix === "" ? "\0" : prefix, prefixEnd(prefix), signal);
        return paths.map((path) => ({ path }));
      },
      members: (signal) => port.members(signal),
    },
    [Symbol.asyncDispose]: () => port[Symbol.asyncDispose](),
  };
  const locks = createLocks(client);
  return client;
}

function refuseOwn(prefix: string, path: string): void {
  if (path === "") throw new CodedError("ETCD_INVALID_KEY", { message: "a key has at least one character" });
  if (!path.startsWith(prefix) && `${path}/` !== prefix) return;
  throw new CodedError("FORBIDDEN", {
    message: `${path} lies below ${prefix}, which Quarterdeck's engine alone writes`,
    try: "a key of your own, e.g.  fleet etcd set /message hello",
  });
}
