import type { Endpoints } from "../connection/endpoints.ts";
import type { Page } from "../port.ts";
import { PageSize } from "./page-size.ts";
import { readPage } from "./read-page.ts";
import { storedValueOf, type Span } from "./read-range.ts";
import { relativeTo } from "./relative-to.ts";

type Cluster = { readonly endpoints: Endpoints; readonly prefix: string };

/**
 * Reads spans (relative to the prefix) one after the other, in key order, page by page, all at the revision of the first page. At least one page
 * is yielded; nothing is read ahead.
 * @throws {CodedError} ETCD_COMPACTED when the revision was compacted away while the reader took its time
 */
export async function* readPages(
  { endpoints, prefix }: Cluster,
  spans: readonly Span[],
  signal: AbortSignal,
): AsyncIterable<Page> {
  const size = new PageSize();
  let revision: string | null = null;
  for (const { start, end } of spans) {
    const absoluteEnd = end === null ? null : prefix + end;
    for (let from: Buffer | null = Buffer.from(prefix + start); from !== null;) {
      const page = await readPage(endpoints, { from, end: absoluteEnd, revision }, size, signal);
      revision ??= page.revision;
      yield { revision: BigInt(revision), values: relativeTo(prefix, page.kvs.map(storedValueOf)) };
      from = page.next;
    }
  }
}
