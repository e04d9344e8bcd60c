import type { KeyRange } from "./key.ts";

/** The open segments of a path that has the range's shape; null for another shape. */
export function matchRange({ path: start, segments }: Pick<KeyRange<unknown>, "path" | "segments">, path: string) {
  if (!path.startsWith(start)) return null;
  const found = path.split("/");
  if (found.length !== segments.length) return null;
  const names: string[] = [];
  for (const [index, segment] of found.entries()) {
    const wanted = segments[index];
    if (wanted === null) names.push(segment);
    else if (wanted !== segment) return null;
  }
  return names;
}
