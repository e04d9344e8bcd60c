import { CodedError } from "@quarterdeck/model";
import type { Lease, Term } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import type { EtcdPort } from "../port.ts";

type Elected = { readonly leaderKey: string; readonly fence: Revision };

/** The term of the holder of `leaderKey`: over when its lease is lost, its key is gone, a fence failed, or it resigned. */
export function createTerm(port: EtcdPort, lease: Lease, { leaderKey, fence }: Elected, signal: AbortSignal): Term {
  const over = new AbortController();
  const lost = AbortSignal.any([over.signal, lease.lost]);
  const deposed = (why: string): CodedError => {
    const error = new CodedError("ETCD_FENCED", {
      message: `the term that began at revision ${fence} is over: ${why}`,
    });
    over.abort(error);
    return error;
  };
  const watching = untilDeleted(port, { leaderKey, fence }, AbortSignal.any([lost, signal])).then((deleted) => {
    if (deleted) deposed("its key was deleted");
  });

  let resigned: Promise<void> | null = null;
  const resign = async (): Promise<void> => {
    deposed("it was resigned");
    await watching;
    // The lease takes the key with it; a failure to revoke leaves both to the lease's end.
    await lease[Symbol.asyncDispose]();
  };

  return {
    leaderKey,
    fence,
    lost,
    async transact(transaction, until) {
      if (lost.aborted) throw deposed("its lease was lost or it was resigned");
      const when = [...transaction.when, { kind: "createRevision", path: leaderKey, is: fence } as const];
      const { committed, revision, seen } = await port.transact({ when, then: transaction.then }, leaderKey, until);
      if (!committed && seen?.createRevision !== fence) throw deposed("its key is no longer in etcd");
      return { committed, revision };
    },
    resign: () => (resigned ??= resign()),
    [Symbol.asyncDispose]: () => (resigned ??= resign()),
  };
}

/** True when somebody deleted the leader key; etcd's refusal of the next write would tell too, only later. */
async function untilDeleted(port: EtcdPort, { leaderKey, fence }: Elected, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const event of port.follow([leaderKey], { from: fence }, signal)) {
      const createRevisions =
        event.kind === "batch"
          ? event.changes.map((change) => change.createRevision)
          : [[...event.snapshot.values()][0]?.createRevision];
      if (createRevisions.some((revision) => revision !== fence)) return true;
    }
  } catch (error) {
    // Not being able to watch does not end a term: the lease and the fence still do.
    if (!(error instanceof CodedError)) throw error;
  }
  return false;
}
