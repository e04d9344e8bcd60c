/** The first key after all that start with `prefix`, as etcd's `range_end` wants it; `"\0"` (no end) for the empty prefix. Keys are ASCII here. */
export function prefixEnd(prefix: string): string {
  return prefix === "" ? "\0" : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
