import type { z } from "zod";

/** One key under the prefix and the schema of its value. `path` is relative to the prefix: `units/hello.service`. */
export type Key<Value> = { readonly path: string; readonly schema: z.ZodType<Value> };

/**
 * All keys of one shape. `segments` has null for each segment that is left open: `["agents", null, "states", null]`; `path` is what stands
 * before the first of them and ends in `/`: what has to be read or followed to see all of them, keys of other shapes included. `names` names the
 * open segments, in order, where somebody looks for one of them.
 */
export type KeyRange<Value, Names extends string = string> = {
  readonly path: string;
  readonly segments: readonly (string | null)[];
  readonly schema: z.ZodType<Value>;
  readonly names?: readonly Names[];
};

/** What some of a range's open segments are: `{ unit: "web@1.service" }`. */
export type Where<Names extends string> = { readonly [Name in Names]?: string };

/** etcd's own counter, never negative; JSON carries it as a decimal string. */
export type Revision = bigint;

/** A value read, with what a later compare needs. */
export type Entry<Value> = {
  readonly path: string;
  /** The segments that the range left open, in order (`[machine, unit]` for the schedules); empty for a single key. */
  readonly names: readonly string[];
  readonly value: Value;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};
