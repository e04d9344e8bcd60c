import { parseDuration } from "./parse-duration.ts";

/** Seconds before now, or milliseconds since the epoch. */
export type Since =
  | { readonly kind: "ago"; readonly seconds: number }
  | { readonly kind: "at"; readonly epochMs: number };

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * `2h`, `2026-11-24` (its beginning in UTC) or `2026-11-24T08:00:00Z`.
 * @throws {SyntaxError} for anything else, as the grammar wants it
 */
export function parseSince(text: string): Since {
  const epochMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(epochMs)) return { kind: "at", epochMs };
  const seconds = parseDuration(text);
  if (seconds !== null) return { kind: "ago", seconds };
  throw new SyntaxError(`${JSON.stringify(text)} is no time; write 2h, 3d, 2026-11-24 (UTC) or 2026-11-24T08:00:00Z`);
}
