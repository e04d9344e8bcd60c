import { callEtcd } from "./call-etcd.ts";
import type { Transaction } from "./client.ts";
import { encodeTransaction } from "./encode-transaction.ts";
import type { Endpoints } from "./endpoints.ts";
import type { PortTransactionResult } from "./port.ts";
import { storedValueOf } from "./read-range.ts";
import { relativeTo } from "./relative-to.ts";

type Parts = { readonly endpoints: Endpoints; readonly prefix: string };

/** Runs a transaction once. */
export async function transact(
  { endpoints, prefix }: Parts,
  transaction: Transaction,
  lookAt: string | null,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  const request = encodeTransaction(prefix, transaction, lookAt);
  const action = describe(prefix, transaction);
  const answer = await callEtcd(endpoints, { name: "txn", request }, { action, repeatable: false }, signal);
  const found = answer.responses[0]?.response_range?.kvs.map(storedValueOf) ?? [];
  const [seen] = answer.succeeded ? [] : relativeTo(prefix, found);
  return { committed: answer.succeeded, revision: BigInt(answer.header.revision), seen: seen ?? null };
}

function describe(prefix: string, { when, then }: Transaction): string {
  const paths = (then.length > 0 ? then : when).map((part) => prefix + part.path);
  const rest = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return `${then.length > 0 ? "write" : "compare"} ${paths.slice(0, 3).join(", ") || "nothing"}${rest}`;
}
