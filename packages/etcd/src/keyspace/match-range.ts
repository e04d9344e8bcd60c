import type { KeyRange } from "./key.ts";

/** The open segments of a path that has the range's shape; null for another shape. */
export function matchRange(range: KeyRange<unknown>, path: string): readonly string[] | null {
  if (!path.startsWith(range.path)) return null;
  const segments = path.split("/");
  if (segments.length !== range.segments.length) return null;
  const names: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const wanted = range.segments[index];
    if (wanted === null) names.push(segment);
    else if (wanted !== segment) return null;
  }
  return names;
}
