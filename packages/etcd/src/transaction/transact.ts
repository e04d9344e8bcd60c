import { CodedError } from "@quarterdeck/model";
import type { Transaction } from "../client.ts";
import { backoffMs } from "../connection/backoff.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { readSpans, spanOf, storedValueOf } from "../keyspace/read-range.ts";
import { relativeTo } from "../keyspace/relative-to.ts";
import type { PortTransactionResult } from "../port.ts";
import { encodeTransaction } from "./encode-transaction.ts";

type Cluster = { readonly endpoints: Endpoints; readonly prefix: string };

/** etcd drops what it was sent while it has no leader, and says so only after seven seconds. */
const ATTEMPT_MS = 1_500;

/**
 * Runs a transaction exactly once. When its reply is lost and it is guarded (a key that it writes is compared, so that it cannot take effect
 * twice), it is sent again, and a refusal of the second is looked into: the first may have been the reason. An unguarded one fails with
 * `ETCD_TIMEOUT` or `ETCD_UNREACHABLE`, its outcome unknown.
 */
export async function transact(
  cluster: Cluster,
  transaction: Transaction,
  lookAt: string | null,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  const deadline = performance.now() + cluster.endpoints.callTimeoutMs;
  const guarded = isGuarded(transaction);
  for (let doubts = 0; ; doubts += 1) {
    try {
      const result = await runOnce(
        cluster,
        { transaction, lookAt, ...(guarded ? { timeoutMs: ATTEMPT_MS } : {}) },
        signal,
      );
      return result.committed || doubts === 0 ? result : await settle(cluster, transaction, result, signal);
    } catch (error) {
      if (!guarded || !isDoubtful(error) || performance.now() > deadline) throw error;
      await pause(backoffMs(doubts), signal);
    }
  }
}

type Attempt = { readonly transaction: Transaction; readonly lookAt: string | null; readonly timeoutMs?: number };

async function runOnce(
  { endpoints, prefix }: Cluster,
  { transaction, lookAt, ...limit }: Attempt,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  const request = encodeTransaction(prefix, transaction, lookAt);
  const options = { action: describe(prefix, transaction), repeatable: false, ...limit };
  const answer = await callEtcd(endpoints, { name: "txn", request }, options, signal);
  const found = answer.responses[0]?.response_range?.kvs.map(storedValueOf) ?? [];
  const [seen] = answer.succeeded ? [] : relativeTo(prefix, found);
  return { committed: answer.succeeded, revision: BigInt(answer.header.revision), seen: seen ?? null };
}

/** Whether its own effect makes one of its conditions false: a write changes the modification revision, a deletion all there is. */
function isGuarded({ when, then }: Transaction): boolean {
  return then.some((operation) =>
    when.some(({ path, kind }) => {
      if (path !== operation.path) return false;
      return operation.kind === "put" ? kind === "absent" || kind === "modRevision" : kind !== "absent";
    }),
  );
}

/** Finds out whether the attempt without a reply took effect: then all that it writes stands there, written in one revision. */
async function settle(
  { endpoints, prefix }: Cluster,
  { then }: Transaction,
  refused: PortTransactionResult,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  const spans = then.map((operation) => spanOf(prefix, operation.path));
  const { values } = await readSpans(endpoints, spans, signal);
  const found = new Map(relativeTo(prefix, values).map((value) => [value.path, value]));
  const stands = then.every(
    (operation) => found.get(operation.path)?.json === (operation.kind === "put" ? operation.json : undefined),
  );
  const revisions = new Set([...found.values()].map((value) => value.modRevision));
  if (!stands || revisions.size > 1) return refused;
  const [revision] = revisions;
  return { committed: true, revision: revision ?? refused.revision, seen: null };
}

function isDoubtful(error: unknown): boolean {
  return error instanceof CodedError && (error.code === "ETCD_TIMEOUT" || error.code === "ETCD_UNREACHABLE");
}

function describe(prefix: string, { when, then }: Transaction): string {
  const paths = (then.length > 0 ? then : when).map((part) => prefix + part.path);
  const rest = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return `${then.length > 0 ? "write" : "compare"} ${paths.slice(0, 3).join(", ") || "nothing"}${rest}`;
}
