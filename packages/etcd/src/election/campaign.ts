import { CodedError } from "@quarterdeck/model";
import type { EtcdClient, Lease, Operation, Term } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { Revision } from "../keyspace/key.ts";
import type { EtcdPort } from "../port.ts";
import { createTerm } from "./term.ts";

type CampaignOptions = Parameters<EtcdClient["campaign"]>[0];

/**
 * Stands for election by etcd's own concurrency recipe: a leased key `<election>/<lease hex>`; the oldest key leads; each candidate waits for
 * the one right before it, so that a resignation wakes one process and not all. A lease lost while waiting starts the campaign over.
 */
export async function campaign(port: EtcdPort, options: CampaignOptions, signal: AbortSignal): Promise<Term> {
  for (;;) {
    const lease = await port.grantLease({ ttlSeconds: options.ttlSeconds }, signal);
    try {
      const elected = await standWith(port, lease, options, signal);
      if (elected !== null) return createTerm(port, lease, elected, signal);
    } catch (error) {
      await lease[Symbol.asyncDispose]();
      throw error;
    }
    await lease[Symbol.asyncDispose]();
  }
}

/** Null when the lease was lost before the turn came. */
async function standWith(port: EtcdPort, lease: Lease, options: CampaignOptions, signal: AbortSignal) {
  const path = checkPath(`${options.election}/${lease.id}`);
  const until = AbortSignal.any([signal, lease.lost]);
  const operation: Operation = { kind: "put", path, json: JSON.stringify(options.value), lease: lease.id };
  try {
    const { committed, seen, revision } = await port.transact(
      { when: [{ kind: "absent", path }], then: [operation] },
      path,
      until,
    );
    const fence = committed ? revision : (seen?.createRevision ?? 0n);
    if (await becomeOldest(port, { path, fence, election: options.election }, until)) return { leaderKey: path, fence };
  } catch (error) {
    if (signal.aborted || !isLossOf(lease, error)) throw error;
  }
  signal.throwIfAborted();
  return null;
}

function isLossOf(lease: Lease, error: unknown): boolean {
  return lease.lost.aborted || (error instanceof CodedError && error.code === "ETCD_LEASE_LOST");
}

type Candidacy = { readonly path: string; readonly fence: Revision; readonly election: string };

/** False when the candidate's own key is gone. */
async function becomeOldest(port: EtcdPort, candidacy: Candidacy, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const { revision, values } = await port.read([`${candidacy.election}/`], signal);
    if (!values.some((value) => value.path === candidacy.path && value.createRevision === candidacy.fence))
      return false;
    const older = values.filter((value) => value.createRevision < candidacy.fence);
    if (older.length === 0) return true;
    const predecessor = older.reduce((best, value) => (value.createRevision > best.createRevision ? value : best));
    await gone(port, { path: predecessor.path, from: revision }, signal);
  }
}

/** Resolves when the key at `path` has been deleted, or may have been. */
async function gone(
  port: EtcdPort,
  { path, from }: { readonly path: string; readonly from: Revision },
  signal: AbortSignal,
): Promise<void> {
  for await (const event of port.follow([path], { from }, signal)) {
    if (event.kind === "reset" || event.changes.some((change) => change.json === null)) return;
  }
  signal.throwIfAborted();
}
