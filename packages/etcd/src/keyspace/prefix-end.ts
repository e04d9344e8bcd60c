/**
 * The first key after all that start with `prefix`, as etcd's `range_end` wants it; `"\0"` (no end) for the empty prefix. Counts in code points,
 * whose order is that of their bytes in UTF-8.
 */
export function prefixEnd(prefix: string): string {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = (last.codePointAt(0) ?? 0) + 1;
    // After U+D7FF come the surrogates, which stand for no character, and after U+10FFFF nothing.
    if (point <= 0x10_ff_ff) return points.join("") + String.fromCodePoint(point === 0xd8_00 ? 0xe0_00 : point);
  }
  return "\0";
}
