import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { Operation } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { Key } from "../keyspace/key.ts";

/**
 * Writes a value down, checked against its key's schema. `lease` is a lease's id: the key goes when the lease does; without it the key stays.
 * @throws {CodedError} ETCD_CORRUPT_VALUE for a value that no reader would accept, ETCD_INVALID_KEY
 */
export function put<Value>(
  key: Key<Value>,
  value: Value,
  options: { readonly lease?: string | null } = {},
): Extract<Operation, { readonly kind: "put" }> {
  const parsed = key.schema.safeParse(value);
  if (!parsed.success) {
    throw new CodedError(
      "ETCD_CORRUPT_VALUE",
      { message: `refused to write ${key.path}: ${z.prettifyError(parsed.error)}` },
      { cause: parsed.error },
    );
  }
  return { kind: "put", path: checkPath(key.path), json: JSON.stringify(parsed.data), lease: options.lease ?? null };
}

/** Deletes a key; no error when there is none. */
export function remove(key: { readonly path: string }): Operation {
  return { kind: "delete", path: checkPath(key.path) };
}
