import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/**
 * Whether a request over TCP was not sent by a page in somebody's browser, which could be made to ask 127.0.0.1: a browser names the page's origin, or the
 * name that it was led here by. fleet's clients name an address.
 */
export function isLocalRequest({ host, origin }: Pick<IncomingHttpHeaders, "host" | "origin">): boolean {
  if (origin !== undefined || host === undefined) return false;
  const name = host.replace(/:\d{1,5}$/, "");
  return name === "localhost" || isIP(name) === 4 || (/^\[.*\]$/.test(name) && isIP(name.slice(1, -1)) === 6);
}
