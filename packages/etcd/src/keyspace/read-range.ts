import { setImmediate as turn } from "node:timers/promises";
import { CodedError } from "@quarterdeck/model";
import type { IKeyValue } from "etcd3";
import type { Endpoints } from "../connection/endpoints.ts";
import type { StoredValue } from "../port.ts";
import type { Revision } from "./key.ts";
import { PageSize } from "./page-size.ts";
import { prefixEnd } from "./prefix-end.ts";
import { readPage } from "./read-page.ts";

const MOST_ATTEMPTS = 5;

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

/**
 * Reads spans page by page, all at the revision of the first page, in key order within each span. Starts over when that revision was compacted
 * away meanwhile.
 * @throws {CodedError} ETCD_COMPACTED when that happened five times in a row
 */
export async function readSpans(
  endpoints: Endpoints,
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<ReadResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(endpoints, spans, signal);
    } catch (cause) {
      if (!(cause instanceof CodedError && cause.code === "ETCD_COMPACTED")) throw cause;
      if (attempt < MOST_ATTEMPTS) continue;
      const what = spans.map(({ start }) => start).join(", ");
      throw new CodedError(
        "ETCD_COMPACTED",
        {
          message: `${what} could not be read at one revision: it was compacted away ${MOST_ATTEMPTS} times before the last page was read`,
          why: cause.problem.message,
          try: "compact less often, or keep more revisions",
        },
        { cause },
      );
    }
  }
}

async function readOnce(endpoints: Endpoints, spans: readonly Span[], signal: AbortSignal): Promise<ReadResult> {
  const values: StoredValue[] = [];
  const size = new PageSize();
  let revision: string | null = null;
  let clusterId = "";
  for (const { start, end } of spans) {
    let page = await readPage(endpoints, { from: Buffer.from(start), end, revision }, size, signal);
    if (revision === null) ({ revision, clusterId } = page);
    while (page.next !== null) {
      // etcd reads on while this page is unpacked.
      const [next] = await Promise.all([
        readPage(endpoints, { from: page.next, end, revision }, size, signal),
        unpackLater(page.kvs, values),
      ]);
      page = next;
    }
    unpack(page.kvs, values);
  }
  return { revision: BigInt(revision ?? 0), clusterId, values };
}

/** Lets what was written go out first. */
async function unpackLater(kvs: readonly IKeyValue[], values: StoredValue[]): Promise<void> {
  await turn();
  unpack(kvs, values);
}

function unpack(kvs: readonly IKeyValue[], values: StoredValue[]): void {
  for (const kv of kvs) values.push(storedValueOf(kv));
}

/** etcd's key-value with its 64-bit numbers, which arrive as decimal strings; the path is still absolute. */
export function storedValueOf(kv: IKeyValue): StoredValue {
  const modRevision = BigInt(kv.mod_revision);
  // Most values were written once, and parsing numbers is a good part of a long read.
  const createRevision = kv.create_revision === kv.mod_revision ? modRevision : BigInt(kv.create_revision);
  return { path: kv.key.toString(), json: kv.value.toString(), createRevision, modRevision };
}
