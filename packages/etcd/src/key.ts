import type { z } from "zod";

/** One key under the prefix and the schema of its value. `path` is relative to the prefix: `units/hello.service`. */
export type Key<Value> = { readonly path: string; readonly schema: z.ZodType<Value> };

/**
 * All keys that start with `path` (which ends in `/`) and have `names` further segments; `names` of a found key are those segments,
 * in order: for `schedule/` they are `[machine, unit]`, for `schedule/<machine>/` they are `[unit]`.
 */
export type KeyRange<Value> = { readonly path: string; readonly suffix: string; readonly names: number; readonly schema: z.ZodType<Value> };

/** etcd's own counter, never negative; JSON carries it as a decimal string. */
export type Revision = bigint;

/** A value read, with what a later compare needs. */
export type Entry<Value> = {
  readonly path: string;
  /** The segments that the range left open; empty for a single key. */
  readonly names: readonly string[];
  readonly value: Value;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
};
