/** Whether a path is among those that `prefixes` name: all below one that ends in `/` (or is empty), or the one key. */
export function covers(prefixes: readonly string[], path: string): boolean {
  return prefixes.some((prefix) => (prefix === "" || prefix.endsWith("/") ? path.startsWith(prefix) : path === prefix));
}
