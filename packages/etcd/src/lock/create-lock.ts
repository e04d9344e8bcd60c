import type { EtcdClient } from "../client.ts";
import type { Held } from "../election/stand.ts";
import { Tenure } from "../election/tenure.ts";
import { keys } from "../keyspace/keys.ts";
import { explainSteal } from "./lock-record.ts";
import type { Lock } from "./lock.ts";

/** The handle of a lock that is held. */
export function createLock(client: EtcdClient, scope: string, held: Held): Lock {
  const { path } = keys.lock(scope);
  const record = { path, explain: (written: string) => explainSteal(written, held.fence) };
  const tenure = new Tenure({ ...held, client, name: `the hold of ${path}`, record });
  return {
    scope,
    key: held.path,
    fence: held.fence,
    get lost() {
      return tenure.lost;
    },
    check: () => tenure.check(),
    transact: (transaction, until) => tenure.transact(transaction, until),
    release: () => tenure.end(),
    [Symbol.asyncDispose]: () => tenure.end(),
  };
}
