import type { Metadata } from "./machine.ts";

/** A machine's metadata: what operators set wins over what it says of itself, key by key, and an empty value of theirs takes the key away. */
export function mergeMetadata(own: Metadata, set: Metadata): Metadata {
  return Object.fromEntries(Object.entries({ ...own, ...set }).filter(([key, value]) => value !== "" || !(key in set)));
}
