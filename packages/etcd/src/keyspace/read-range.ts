import { CodedError } from "@quarterdeck/model";
import type { IKeyValue, IRangeRequest, IRangeResponse, IResponseHeader } from "etcd3";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import type { StoredValue } from "../port.ts";
import type { Revision } from "./key.ts";
import { prefixEnd } from "./prefix-end.ts";

const PAGE = 1_000;

/** Absolute keys `[start, end)`; `end` null means the one key, `"\0"` no end. */
export type Span = { readonly start: string; readonly end: string | null };

export type ReadResult = {
  readonly revision: Revision;
  readonly clusterId: string;
  readonly values: readonly StoredValue[];
};

/** The span that a path of the client's language names; see `EtcdClient` on paths. */
export function spanOf(prefix: string, path: string): Span {
  const start = prefix + path;
  return path === "" || path.endsWith("/") ? { start, end: prefixEnd(start) } : { start, end: null };
}

/** Reads spans page by page, all at the revision of the first page; starts over when that was compacted away meanwhile. */
export async function readSpans(
  endpoints: Endpoints,
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<ReadResult> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await readOnce(endpoints, spans, signal);
    } catch (error) {
      if (!(error instanceof CodedError && error.code === "ETCD_COMPACTED") || attempt >= 4) throw error;
    }
  }
}

async function readOnce(endpoints: Endpoints, spans: readonly Span[], signal: AbortSignal): Promise<ReadResult> {
  const values: StoredValue[] = [];
  let header: IResponseHeader | null = null;
  for (const { start, end } of spans) {
    let from: Buffer = Buffer.from(start);
    for (let more = true; more;) {
      const request: IRangeRequest = {
        key: from,
        limit: PAGE,
        ...(end === null ? {} : { range_end: Buffer.from(end) }),
        ...(header === null ? {} : { revision: header.revision }),
      };
      const page: IRangeResponse = await callEtcd(
        endpoints,
        { name: "range", request },
        { action: `read ${start}`, repeatable: true },
        signal,
      );
      header ??= page.header;
      for (const kv of page.kvs) values.push(storedValueOf(kv));
      ({ more } = page);
      const last = page.kvs.at(-1);
      if (last === undefined) break;
      from = Buffer.concat([last.key, Buffer.of(0)]);
    }
  }
  return { revision: BigInt(header?.revision ?? 0), clusterId: header?.cluster_id ?? "", values };
}

/** etcd's key-value with its 64-bit numbers, which arrive as decimal strings; the path is still absolute. */
export function storedValueOf(kv: IKeyValue): StoredValue {
  return {
    path: kv.key.toString(),
    json: kv.value.toString(),
    createRevision: BigInt(kv.create_revision),
    modRevision: BigInt(kv.mod_revision),
  };
}
