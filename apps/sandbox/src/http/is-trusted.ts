/**
 * Whether a request came from our own page or from a program, judged by its headers: `Host` must be one of ours, or a name
 * that somebody pointed at this address (DNS rebinding) would do; `Origin` must be absent or the same, or any page open in
 * the browser could act for the person.
 */
export function isTrusted(
  headers: { readonly host: string | undefined; readonly origin: string | undefined },
  hosts: readonly string[],
): boolean {
  if (headers.host === undefined || !hosts.includes(headers.host)) return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host}`;
}
