import { put, type Key, type Operation, type Snapshot } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";

/** Everything the engine mirrors, so that a view in a test answers what the mirror would. */
const ALL = [
  "schedule/",
  "units/",
  "status/",
  "unit-files/",
  "agents/",
  "machines/",
  "requests/",
  "services/",
  "releases/",
  "rollouts/",
  "relocations/",
  "reboots/",
  "brake",
  "audit/chain/",
  "audit-export",
  "policy",
  "epoch",
  "engine/",
];

/** A key and its value, checked against each other; for {@link viewOf}. */
export function stored<Value>(key: Key<Value>, value: Value): Operation {
  return put(key, value);
}

/** A snapshot that holds exactly these values, each written by a transaction of its own, so that revisions differ. */
export async function viewOf(...operations: readonly Operation[]): Promise<Snapshot> {
  const etcd = fakeEtcd();
  const { signal } = new AbortController();
  for (const operation of operations) await etcd.transact({ when: [], then: [operation] }, signal);
  return etcd.snapshot(ALL, signal);
}
