import type { EtcdClient } from "../client.ts";
import { readAuditLog } from "./audit-log.ts";

/** The first line of an export; `v` is that of the format. */
export const EXPORT_KIND = "quarterdeck-audit-log";

/**
 * The log as lines of JSON in ASCII, without their newlines, all of one revision: the seals, then key and stored text of each entry, in order.
 * Nothing is checked or mended: {@link readAuditExport} finds in the lines what {@link verifyAudit} finds in etcd.
 * @throws {CodedError} ETCD_COMPACTED when the reader took longer than etcd keeps a revision
 */
export async function* exportAudit(client: EtcdClient, signal: AbortSignal): AsyncIterable<string> {
  const { revision, head, anchor, unsignedHead, entries } = await readAuditLog(client, signal);
  yield toLine({ v: 1, kind: EXPORT_KIND, revision: revision.toString(), head, anchor, unsignedHead });
  for await (const { path, json } of entries) yield toLine({ key: path, value: json });
}

/** ASCII alone: some readers end a line at U+2028, and an export goes through hands that know no UTF-8. */
function toLine(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
