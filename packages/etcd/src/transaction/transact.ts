import { CodedError } from "@quarterdeck/model";
import { backoffMs } from "../connection/backoff.ts";
import type { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import { storedValueOf } from "../keyspace/read-range.ts";
import type { PortTransaction, PortTransactionResult, StoredValue } from "../port.ts";
import { checkTransaction } from "./check-transaction.ts";
import { encodeTransaction } from "./encode-transaction.ts";
import { findOutcome, type Doubt } from "./find-outcome.ts";
import { guardOf } from "./guard.ts";
import { pathsOf } from "./paths-of.ts";
import { readAt } from "./read-at.ts";
import { sendTransaction } from "./send-transaction.ts";

type Cluster = { readonly endpoints: Endpoints; readonly prefix: string };

/** etcd drops what it was sent while it has no leader, and says so only after seven seconds. */
const ATTEMPT_MS = 1_500;

/**
 * Runs a transaction. When its reply is lost and it is guarded (see `Guard`), it is sent again; when that one is refused, the first may have been the
 * reason, and the history is asked. What cannot be found out, and whatever is not guarded, fails with `ETCD_TIMEOUT` or `ETCD_UNREACHABLE`: it may
 * have been written. A guard by absence alone is weaker than the others: where somebody deletes the key in between, both attempts may take effect.
 */
export async function transact(
  cluster: Cluster,
  transaction: PortTransaction,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  checkTransaction(transaction);
  const guard = guardOf(transaction);
  if (guard === null) return (await runOnce(cluster, { transaction, alsoElse: [] }, signal)).result;
  const { endpoints } = cluster;
  const deadline = performance.now() + endpoints.callTimeoutMs;
  const sentAfter = endpoints.revision;
  let doubt: CodedError | null = null;
  for (let doubts = 0; ; doubts += 1) {
    const attempt = { transaction, alsoElse: [guard.path], timeoutMs: ATTEMPT_MS };
    const answer = await runOnce(cluster, attempt, signal).catch((error: unknown) => doubtOf(error, doubt));
    if (answer instanceof CodedError) {
      if (performance.now() > deadline) throw answer;
      doubt = answer;
      await pause(backoffMs(doubts), signal);
    } else if (answer.result.committed || doubt === null) return answer.result;
    else {
      const now = answer.also[0] ?? null;
      return settle(cluster, { transaction, guard, now, sentAfter }, { result: answer.result, doubt }, signal);
    }
  }
}

/** The error that leaves open whether an attempt took effect; throws what does not, which an earlier one without a reply leaves just as open. */
function doubtOf(error: unknown, earlier: CodedError | null): CodedError {
  if (!(error instanceof CodedError)) throw error;
  if (error.code === "ETCD_TIMEOUT" || error.code === "ETCD_UNREACHABLE") return error;
  throw earlier === null ? error : unknownOutcome(earlier, error.problem.message);
}

type Attempt = {
  readonly transaction: PortTransaction;
  /** Also read when it is refused. */
  readonly alsoElse: readonly string[];
  readonly timeoutMs?: number;
};

type Answer = { readonly result: PortTransactionResult; readonly also: readonly (StoredValue | null)[] };

async function runOnce(
  { endpoints, prefix }: Cluster,
  { transaction, alsoElse, ...limit }: Attempt,
  signal: AbortSignal,
): Promise<Answer> {
  const request = encodeTransaction(prefix, transaction, alsoElse);
  const options = { action: describe(prefix, transaction), repeatable: false, ...limit };
  const { succeeded, header, responses } = await sendTransaction(endpoints, request, options, signal);
  const { thenRead = {}, elseRead = {} } = transaction;
  const asked = pathsOf(succeeded ? thenRead : elseRead);
  const read = responses
    .slice(0, asked.length + (succeeded ? 0 : alsoElse.length))
    .map(({ response_range: range }, at) => {
      const kv = range?.kvs[0];
      return kv === undefined ? null : { ...storedValueOf(kv), path: asked[at] ?? alsoElse[at - asked.length] ?? "" };
    });
  const result = { committed: succeeded, revision: BigInt(header.revision), found: read.slice(0, asked.length) };
  return { result, also: read.slice(asked.length) };
}

type Refusal = { readonly result: PortTransactionResult; readonly doubt: CodedError };

/** The answer to what was refused although an earlier attempt may have taken effect. */
async function settle(
  cluster: Cluster,
  doubt: Doubt,
  { result, doubt: lost }: Refusal,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(cluster.endpoints.callTimeoutMs)]);
    const outcome = await findOutcome(cluster, doubt, until);
    if (outcome.kind === "refused") return result;
    if (outcome.kind === "committed") return await committedAt(cluster, doubt.transaction, outcome.revision, until);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CodedError) && !isTimeout(error)) throw error;
    throw unknownOutcome(lost, error.message);
  }
  throw unknownOutcome(lost, "what stands there now could be somebody else's");
}

/** With what stood there right before: reads come before writes. */
async function committedAt(
  { endpoints, prefix }: Cluster,
  { thenRead = {} }: PortTransaction,
  revision: bigint,
  signal: AbortSignal,
): Promise<PortTransactionResult> {
  const found: (StoredValue | null)[] = [];
  for (const path of pathsOf(thenRead)) {
    const kv = await readAt(endpoints, { key: prefix + path, revision: revision - 1n }, signal);
    found.push(kv === null ? null : { ...storedValueOf(kv), path });
  }
  return { committed: true, revision, found };
}

function unknownOutcome(lost: CodedError, why: string): CodedError {
  return new CodedError(
    "ETCD_TIMEOUT",
    {
      message: `${lost.problem.message}, and whether it was written cannot be told`,
      why: `its reply was lost, and ${why}`,
      try: "read what stands there now, then again",
    },
    { cause: lost },
  );
}

const isTimeout = (error: unknown): error is Error => error instanceof Error && error.name === "TimeoutError";

/** How many keys an error names. */
const NAMED = 3;

function describe(prefix: string, { when, then, thenRead = {}, elseRead = {} }: PortTransaction): string {
  const writes = then.length > 0;
  const looked = (): readonly string[] => [
    ...new Set([...when.map(({ path }) => path), ...pathsOf(thenRead), ...pathsOf(elseRead)]),
  ];
  // Said for every call, for the few that fail: only what is named is put together.
  const paths = writes ? then.slice(0, NAMED).map(({ path }) => path) : looked();
  const more = (writes ? then.length : paths.length) - NAMED;
  const named = paths.slice(0, NAMED).map((path) => prefix + path);
  return `${writes ? "write" : "compare"} ${named.join(", ") || "nothing"}${more > 0 ? ` and ${more} more` : ""}`;
}
