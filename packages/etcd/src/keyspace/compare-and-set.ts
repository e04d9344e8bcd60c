import { CodedError } from "@quarterdeck/model";
import type { EtcdClient } from "../client.ts";
import { absent, modRevisionIs } from "../transaction/condition.ts";
import { put, remove } from "../transaction/operation.ts";
import type { Entry, Key, Revision } from "./key.ts";

/** `set: false`: somebody else wrote meanwhile; `found` is what stands there now. */
export type CompareAndSetResult<Value> =
  | { readonly set: true; readonly revision: Revision }
  | { readonly set: false; readonly found: Entry<Value> | null };

/**
 * Writes a value (null: deletes the key) where still stands what was read: `expected`, or nothing where that is null. What was read was understood,
 * so no newer version's value is ever overwritten by an older process.
 * @throws {CodedError} ETCD_NEWER_VALUE, ETCD_CORRUPT_VALUE when what stands there cannot be understood
 */
export async function compareAndSet<Value>(
  client: EtcdClient,
  key: Key<Value>,
  { expected, value }: { readonly expected: Entry<Value> | null; readonly value: Value | null },
  signal: AbortSignal,
): Promise<CompareAndSetResult<Value>> {
  const condition = expected === null ? absent(key) : modRevisionIs(key, expected.modRevision);
  const operation = value === null ? remove(key) : put(key, value);
  const { committed, revision } = await client.transact({ when: [condition], then: [operation] }, signal);
  return committed ? { set: true, revision } : { set: false, found: await client.get(key, signal) };
}

const MOST_TRIES = 50;

/**
 * Reads a value, lets `change` make the next of it, and writes that where nobody else wrote meanwhile; else again from the start. `change` gets null
 * where there is no such key, may be called several times, and answers null to delete it or `"keep"` to leave everything as it is.
 * @throws {CodedError} ETCD_NEWER_VALUE, ETCD_CORRUPT_VALUE; ETCD_CONFLICT when somebody else was faster fifty times
 */
export async function changeValue<Value>(
  client: EtcdClient,
  key: Key<Value>,
  change: (value: Value | null) => Value | null | "keep",
  signal: AbortSignal,
): Promise<{ readonly value: Value | null; readonly revision: Revision | null }> {
  let expected = await client.get(key, signal);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const value = change(expected?.value ?? null);
    if (value === "keep" || (value === null && expected === null))
      return { value: expected?.value ?? null, revision: null };
    const result = await compareAndSet(client, key, { expected, value }, signal);
    if (result.set) return { value, revision: result.revision };
    expected = result.found;
  }
  throw new CodedError("ETCD_CONFLICT", {
    message: `${key.path} was written by somebody else each of ${MOST_TRIES} times before it could be changed`,
    try: "again",
  });
}

/**
 * Writes a value whatever stands there, unless that is of a version this process does not know; use `put` in a transaction to overwrite even that.
 * @throws {CodedError} ETCD_NEWER_VALUE, ETCD_CORRUPT_VALUE, ETCD_CONFLICT
 */
export async function putValue<Value>(
  client: EtcdClient,
  key: Key<Value>,
  value: Value,
  signal: AbortSignal,
): Promise<Revision> {
  const { revision } = await changeValue(client, key, () => value, signal);
  return revision ?? 0n;
}

/**
 * Deletes a key, unless its value is of a version that this process does not know. False when there was none.
 * @throws {CodedError} ETCD_NEWER_VALUE, ETCD_CORRUPT_VALUE, ETCD_CONFLICT
 */
export async function deleteValue(client: EtcdClient, key: Key<unknown>, signal: AbortSignal): Promise<boolean> {
  return (await changeValue(client, key, () => null, signal)).revision !== null;
}
