import type { Timestamp } from "@quarterdeck/model";

/** Milliseconds since the epoch as a stored time. */
export function formatTimestamp(milliseconds: number): Timestamp {
  return new Date(milliseconds).toISOString() as Timestamp;
}
