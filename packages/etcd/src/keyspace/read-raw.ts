import type { Endpoints } from "../connection/endpoints.ts";
import type { Revision } from "./key.ts";
import { PageSize } from "./page-size.ts";
import { readPage } from "./read-page.ts";

/** One absolute key as it is stored; null when it is not there. */
export async function readRaw(
  endpoints: Endpoints,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: Buffer; readonly modRevision: Revision } | null> {
  const request = { from: Buffer.from(path), end: null, revision: null };
  const { kvs } = await readPage(endpoints, request, new PageSize(), signal);
  const [found] = kvs;
  return found === undefined ? null : { bytes: found.value, modRevision: BigInt(found.mod_revision) };
}
