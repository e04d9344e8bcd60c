import type { IKeyValue } from "etcd3";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import type { Revision } from "../keyspace/key.ts";

/**
 * An absolute key as it was at a revision; null where there was no such key.
 * @throws {CodedError} ETCD_COMPACTED
 */
export async function readAt(
  endpoints: Endpoints,
  { key, revision }: { readonly key: string; readonly revision: Revision },
  signal: AbortSignal,
): Promise<IKeyValue | null> {
  const request = { key: Buffer.from(key), revision: revision.toString() };
  const options = { action: `read ${key} as of revision ${revision}`, repeatable: true };
  return (await callEtcd(endpoints, { name: "range", request }, options, signal)).kvs[0] ?? null;
}
