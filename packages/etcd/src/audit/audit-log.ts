import type { EtcdClient } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { keys } from "../keyspace/keys.ts";
import { prefixEnd } from "../keyspace/prefix-end.ts";
import type { Page, StoredValue } from "../port.ts";
import { unsignedHeadKey } from "./unsigned-head.ts";

/** An audit log as it is stored, at one revision. Texts are what etcd holds, null where it holds nothing. */
export type AuditLog = {
  readonly revision: Revision;
  readonly head: string | null;
  readonly anchor: string | null;
  /** What an engine that does not sign left as its head. */
  readonly unsignedHead: string | null;
  /** Everything else below `audit/`, in key order; to be gone through once. */
  readonly entries: Iterable<StoredText> | AsyncIterable<StoredText>;
};

/** A key below `audit/` and its value, byte for byte. */
export type StoredText = Pick<StoredValue, "path" | "json">;

const HEAD = keys.auditHead().path;
const ANCHOR = keys.auditAnchor().path;

/**
 * Reads the log at one revision: the seals at once, the entries page by page as they are asked for.
 * @throws {CodedError} ETCD_COMPACTED, from `entries` too, when the reader took longer than etcd keeps a revision
 */
export async function readAuditLog(client: EtcdClient, signal: AbortSignal): Promise<AuditLog> {
  const seals = [HEAD, ANCHOR, unsignedHeadKey.path];
  const spans = [...seals.map((path) => ({ start: path, end: null })), { start: "audit/", end: prefixEnd("audit/") }];
  const pages = client.pages(spans, signal)[Symbol.asyncIterator]();
  const first: StoredText[] = [];
  const found = new Map<string, string>();
  let revision: Revision = 0n;
  // The seals' spans come first; the first entry tells that all of them have been read.
  for (;;) {
    const page = await pages.next();
    if (page.done === true) break;
    ({ revision } = page.value);
    for (const value of page.value.values) {
      if (seals.includes(value.path)) found.set(value.path, value.json);
      else first.push(value);
    }
    if (first.length > 0) break;
  }
  return {
    revision,
    head: found.get(HEAD) ?? null,
    anchor: found.get(ANCHOR) ?? null,
    unsignedHead: found.get(unsignedHeadKey.path) ?? null,
    entries: rest(first, pages, seals),
  };
}

async function* rest(
  first: readonly StoredText[],
  pages: AsyncIterator<Page>,
  seals: readonly string[],
): AsyncIterable<StoredText> {
  yield* first;
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return;
    yield* page.value.values.filter(({ path }) => !seals.includes(path));
  }
}
