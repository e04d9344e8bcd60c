import type { EtcdClient } from "../client.ts";
import { createClient } from "../create-client.ts";
import { FakeFaults } from "./fake-faults.ts";
import { createFakePort } from "./fake-port.ts";
import { FakeStore } from "./fake-store.ts";

/** An {@link EtcdClient} over memory, and the hands to make things happen to it. Nothing in it waits for a clock. */
export type FakeEtcd = EtcdClient & {
  /** A second client of the same store, with faults of its own: another process. */
  connect(): FakeEtcd;
  /** The lease ends as etcd would end it: `lost` fires first, then its keys go. Ids of all leases: {@link FakeEtcd.leaseIds}. */
  expireLease(id: string): void;
  /** Only this client believes the lease lost; its keys stay until `expireLease`. */
  loseLease(id: string): void;
  leaseIds(): readonly string[];
  /** Forgets history: a `follow` from before starts over with a reset. */
  compact(): void;
  /** Every follower gets a reset, as after a restored cluster. */
  breakContinuity(): void;
  /** The next calls of this client fail with these codes, one a call. */
  failNext: FakeFaults["failNext"];
  /** Narrows what this client may read and write, as etcd's roles do. */
  allow: FakeFaults["allow"];
  /** All keys with their parsed values, paths relative to the prefix, for assertions. */
  dump(): Readonly<Record<string, unknown>>;
  /** Writes text as it is, past every schema: for values from a newer version or a broken hand. */
  writeText(path: string, text: string): void;
};

export function fakeEtcd(options: { readonly prefix?: string } = {}): FakeEtcd {
  return connectTo(new FakeStore(), options.prefix ?? "/quarterdeck/", []);
}

function connectTo(store: FakeStore, prefix: string, everyone: FakeFaults[]): FakeEtcd {
  const faults = new FakeFaults();
  everyone.push(faults);
  return {
    ...createClient(createFakePort({ store, faults, prefix })),
    connect: () => connectTo(store, prefix, everyone),
    expireLease: (id) => {
      for (const each of everyone) each.loseLease(id);
      store.endLease(id);
    },
    loseLease: (id) => faults.loseLease(id),
    leaseIds: () => [...store.leases.keys()],
    compact: () => store.compact(),
    breakContinuity: () => {
      store.continuity += 1;
      store.wake();
    },
    failNext: (...codes) => faults.failNext(...codes),
    allow: (paths) => faults.allow(paths),
    dump: () => {
      const own = [...store.values.values()].filter((value) => value.path.startsWith(prefix));
      return Object.fromEntries(
        own.map((value) => [value.path.slice(prefix.length), JSON.parse(value.json) as unknown]),
      );
    },
    writeText: (path, text) =>
      void store.transact({ when: [], then: [{ kind: "put", path: prefix + path, json: text, lease: null }] }),
  };
}
