import type { IRangeRequest, IRangeResponse } from "etcd3";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import type { Page } from "../port.ts";
import { storedValueOf, type Span } from "./read-range.ts";
import { relativeTo } from "./relative-to.ts";

const PAGE = 1_000;

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
  let revision: string | null = null;
  for (const { start, end } of spans) {
    let from: Buffer = Buffer.from(prefix + start);
    for (let more = true; more;) {
      const request: IRangeRequest = {
        key: from,
        limit: PAGE,
        ...(end === null ? {} : { range_end: Buffer.from(prefix + end) }),
        ...(revision === null ? {} : { revision }),
      };
      const action = `read ${prefix}${start}`;
      const page: IRangeResponse = await callEtcd(
        endpoints,
        { name: "range", request },
        { action, repeatable: true },
        signal,
      );
      revision ??= page.header.revision;
      yield { revision: BigInt(revision), values: relativeTo(prefix, page.kvs.map(storedValueOf)) };
      const last = page.kvs.at(-1);
      more = page.more && last !== undefined;
      if (last !== undefined) from = Buffer.concat([last.key, Buffer.of(0)]);
    }
  }
}
