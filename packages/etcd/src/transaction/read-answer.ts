import type { Reads, Transaction, TransactionResult } from "../client.ts";
import { decode } from "../keyspace/decode.ts";
import type { Entry, Key } from "../keyspace/key.ts";
import type { PortTransactionResult, StoredValue } from "../port.ts";

/**
 * A store's answer with what was read under its names. A value is decoded when it is looked at: one that nobody understands must not hide that the
 * transaction was committed.
 */
export function readAnswer<Then extends Reads, Else extends Reads>(
  { thenRead, elseRead }: Transaction<Then, Else>,
  { committed, revision, found }: PortTransactionResult,
): TransactionResult<Then, Else> {
  const result = { committed, revision };
  const asked: Reads = (committed ? thenRead : elseRead) ?? {};
  for (const [index, [name, key]] of Object.entries<Key<unknown>>(asked).entries()) {
    const stored = found[index] ?? null;
    Object.defineProperty(result, name, { enumerable: true, get: () => entryOf(key, stored) });
  }
  return result as TransactionResult<Then, Else>;
}

function entryOf<Value>({ schema }: Key<Value>, stored: StoredValue | null): Entry<Value> | null {
  if (stored === null) return null;
  const decoded = decode(stored, schema, []);
  if (!decoded.ok) throw decoded.error;
  return decoded.entry;
}
