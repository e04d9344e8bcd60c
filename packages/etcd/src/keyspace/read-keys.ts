import type { Endpoints } from "../connection/endpoints.ts";
import { PageSize } from "./page-size.ts";
import { readPage } from "./read-page.ts";

/**
 * Absolute keys `[start, end)` in key order, page by page, all at the revision of the first page; their values stay in etcd.
 * @throws {CodedError} ETCD_COMPACTED when that revision was compacted away meanwhile
 */
export async function readKeys(
  endpoints: Endpoints,
  { start, end }: { readonly start: string; readonly end: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const size = new PageSize();
  const keys: string[] = [];
  let revision: string | null = null;
  for (let from: Buffer | null = Buffer.from(start); from !== null;) {
    const page = await readPage(endpoints, { from, end, revision, keysOnly: true }, size, signal);
    revision ??= page.revision;
    for (const { key } of page.kvs) keys.push(key.toString());
    from = page.next;
  }
  return keys;
}
