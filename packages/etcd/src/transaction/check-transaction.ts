import { CodedError } from "@quarterdeck/model";
import type { Condition, Operation } from "../client.ts";
import { checkPath } from "../keyspace/check-path.ts";
import type { PortTransaction } from "../port.ts";
import { pathsOf } from "./paths-of.ts";

/** etcd's `--max-txn-ops`, as it is by default. */
export const MOST_OPERATIONS = 128;
/** etcd's `--max-request-bytes`, as it is by default; what it encodes around keys and values counts too, which etcd itself looks at. */
const MOST_BYTES = 1_572_864;

/** Writes, and the bytes of all keys and values. */
export type Size = { readonly operations: number; readonly bytes: number };

/**
 * Refuses what etcd would not take, before anything is sent. @returns how large it is
 * @throws {CodedError} ETCD_TOO_LARGE, ETCD_INVALID_KEY
 */
export function checkTransaction({ when, then, thenRead = {}, elseRead = {} }: PortTransaction): Size {
  for (const path of pathsOf(thenRead)) checkPath(path);
  for (const path of pathsOf(elseRead)) checkPath(path);
  const size = sizeOf({ when, then });
  const { operations, bytes } = size;
  const reads = Object.keys(thenRead).length;
  const fault =
    operations + reads > MOST_OPERATIONS
      ? `${operations + reads} operations, of ${MOST_OPERATIONS} that it takes`
      : bytes > MOST_BYTES
        ? `${bytes} bytes, of ${MOST_BYTES} that it takes`
        : null;
  if (fault === null) return size;
  throw new CodedError("ETCD_TOO_LARGE", {
    message: `etcd would not take a transaction on ${then[0]?.path ?? "no key"} and others: ${fault}`,
    why: "a transaction is written whole or not at all; nothing was sent",
    try: "change less at once",
  });
}

function sizeOf({ when, then }: { readonly when: readonly Condition[]; readonly then: readonly Operation[] }): Size {
  let bytes = 0;
  for (const { path } of when) bytes += Buffer.byteLength(path);
  for (const operation of then) {
    bytes += Buffer.byteLength(operation.path);
    if (operation.kind === "put") bytes += Buffer.byteLength(operation.json);
  }
  return { operations: then.length, bytes };
}
