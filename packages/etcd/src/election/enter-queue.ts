import { CodedError } from "@quarterdeck/model";
import type { EtcdClient, Lease } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { absent } from "../transaction/condition.ts";

type Entrance = { readonly path: string; readonly lease: Lease; readonly text: string };

/**
 * Puts the key of a place and tells its create revision.
 * @throws {CodedError} CONFLICT when the lease stands there already: two who share a lease would both hold
 */
export async function enterQueue(
  client: EtcdClient,
  { path, lease, text }: Entrance,
  signal: AbortSignal,
): Promise<Revision> {
  lease.check();
  const put = { kind: "put", path, json: text, lease: lease.id } as const;
  const { committed, revision } = await client.transact({ when: [absent({ path })], then: [put] }, signal);
  if (committed) return revision;
  throw new CodedError("CONFLICT", {
    message: `lease ${lease.id} already stands at ${path}`,
    try: "give each holder a lease of its own",
  });
}
