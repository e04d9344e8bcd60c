import { CodedError, type ErrorCode } from "@quarterdeck/model";
import type { Transact, Transaction } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { checkParts } from "./check-parts.ts";
import { packParts } from "./pack-parts.ts";

/** What is written whole or not at all, and independently of all other parts: they may be written before it, after it, or never. */
export type Part = Pick<Transaction, "when" | "then" | "unique">;

/**
 * `refused`: one of its conditions did not hold · `unwritten`: surely not written; the error is its own, or of what made everything stop before it
 * was sent · `unknown`: it was sent, and whether it was written cannot be told.
 */
export type PartResult =
  | { readonly outcome: "committed"; readonly revision: Revision }
  | { readonly outcome: "refused" }
  | { readonly outcome: "unwritten" | "unknown"; readonly error: CodedError };

/** Transactions under way at once; more do not make etcd faster. */
const LANES = 8;

/** Errors of a transaction that was surely not written. */
const UNWRITTEN: ReadonlySet<ErrorCode> = new Set([
  "ETCD_FENCED",
  "ETCD_FORBIDDEN",
  "ETCD_LEASE_LOST",
  "ETCD_TOO_LARGE",
  "ETCD_INVALID_KEY",
]);

/**
 * Writes many independent parts in as few transactions as they fit into (128 operations and 1 MiB each), several at a time. `writer` is a client, or a
 * term or a lock, whose fence then goes into each. The results are in the order of the parts. Where a transaction is refused its parts are tried
 * in halves, so that one part's condition stops no other; a lost connection or the end of the term stops what was not sent yet.
 * @throws {CodedError} before anything is sent: ETCD_TOO_LARGE for a part that is too large for one transaction, INTERNAL for parts that are not
 * independent: two write one key, or one writes what another compares
 */
export async function transactParts(
  writer: { readonly transact: Transact },
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<readonly PartResult[]> {
  const chunks = packParts(parts, checkParts(parts));
  const results: (PartResult | undefined)[] = parts.map(() => undefined);
  let stopped: CodedError | null = null;

  const note = (chunk: readonly number[], result: PartResult): void => {
    for (const index of chunk) results[index] = result;
  };
  const write = async (chunk: readonly number[]): Promise<void> => {
    if (stopped !== null) return note(chunk, { outcome: "unwritten", error: stopped });
    const joined = join(chunk.flatMap((index) => parts[index] ?? []));
    const result = await attempt(writer, joined, signal);
    if ("error" in result && (result.outcome === "unknown" || result.error.code === "ETCD_FENCED"))
      stopped ??= result.error;
    else if (result.outcome !== "committed" && chunk.length > 1) {
      const middle = Math.ceil(chunk.length / 2);
      await write(chunk.slice(0, middle));
      return write(chunk.slice(middle));
    }
    note(chunk, result);
  };

  let next = 0;
  const lane = async (): Promise<void> => {
    for (let chunk = chunks[next++]; chunk !== undefined; chunk = chunks[next++]) await write(chunk);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(LANES, chunks.length) }, lane));
  // Every lane is over by now: nothing is written any more once the caller knows.
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  return results.map(known);
}

const join = (chunk: readonly Part[]): Part => ({
  when: chunk.flatMap(({ when }) => when),
  then: chunk.flatMap(({ then }) => then),
  // What one part wrote that nobody else would tells of the whole transaction.
  unique: chunk.some(({ unique }) => unique),
});

async function attempt(
  { transact }: { readonly transact: Transact },
  joined: Part,
  signal: AbortSignal,
): Promise<PartResult> {
  try {
    const { committed, revision } = await transact(joined, signal);
    return committed ? { outcome: "committed", revision } : { outcome: "refused" };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CodedError)) throw error;
    return { outcome: UNWRITTEN.has(error.code) ? "unwritten" : "unknown", error };
  }
}

function known(result: PartResult | undefined): PartResult {
  if (result === undefined) throw new CodedError("INTERNAL", { message: "a part was in no transaction" });
  return result;
}
