import { assertNever, CodedError } from "@quarterdeck/model";
import type { EtcdOptions } from "../client.ts";
import { callEtcd } from "../connection/call-etcd.ts";
import { Endpoints } from "../connection/endpoints.ts";
import { pause } from "../connection/pause.ts";
import type { Revision } from "../keyspace/key.ts";
import { defragmentMember } from "./defragment-member.ts";
import {
  planMaintenance,
  type MaintenanceRules,
  type MaintenanceStep,
  type MaintenanceView,
  type RevisionMark,
} from "./plan-maintenance.ts";
import { readHealth } from "./read-health.ts";

export type MaintenanceOptions = Partial<MaintenanceRules> & {
  /** @default an hour */
  readonly everyMs?: number;
};

/** What was done, was not done for a reason, or failed; the next pass tries again. */
export type MaintenanceEvent =
  | { readonly kind: "done"; readonly step: MaintenanceStep; readonly ms: number }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "failed"; readonly error: CodedError };

const HOUR_MS = 3_600_000;
const RULES: MaintenanceRules = { keepMs: HOUR_MS, wasteBytes: 64 * 1024 ** 2 };

/**
 * Keeps etcd's database small for as long as it is iterated: every hour compacts what is older than an hour, defragments one member after
 * another where it pays, the leader last, and takes a NOSPACE alarm back once there is space. Exactly one process may do so; it needs the
 * certificate of root. After its start it compacts nothing for `keepMs`, since only then it knows a revision that is old enough (but a full
 * database at once).
 * @throws {CodedError} INVALID_CONFIG, INVALID_CERTIFICATE; later failures are events
 */
export async function* maintainEtcd(
  connection: Omit<EtcdOptions, "prefix">,
  options: MaintenanceOptions,
  signal: AbortSignal,
): AsyncIterable<MaintenanceEvent> {
  const { everyMs = HOUR_MS, ...rules } = options;
  const endpoints = await Endpoints.open({ ...connection, prefix: "/" }, signal);
  const history: History = { marks: [], compacted: 0n };
  try {
    while (!signal.aborted) {
      yield* pass({ endpoints, rules: { ...RULES, ...rules }, history }, signal);
      if (!signal.aborted) await pause(everyMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    endpoints.close();
  }
}

type History = { marks: readonly RevisionMark[]; compacted: Revision };
type Parts = { readonly endpoints: Endpoints; readonly rules: MaintenanceRules; readonly history: History };

async function* pass(parts: Parts, signal: AbortSignal): AsyncIterable<MaintenanceEvent> {
  const defragmented = new Set<string>();
  try {
    for (;;) {
      const view = await look(parts, defragmented, signal);
      const { step, refused } = planMaintenance(view, parts.rules);
      if (refused !== null) yield { kind: "refused", why: refused };
      if (step === null) return;
      const beganAt = performance.now();
      await perform(parts, step, signal);
      if (step.kind === "defragment") defragmented.add(step.endpoint);
      yield { kind: "done", step, ms: performance.now() - beganAt };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CodedError)) throw error;
    yield { kind: "failed", error };
  }
}

async function look(
  { endpoints, rules, history }: Parts,
  defragmented: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<MaintenanceView> {
  const now = Date.now();
  const call = { name: "range", request: { key: Buffer.from("\0"), count_only: true } } as const;
  const about = { action: "see etcd's revision", repeatable: true };
  const [{ header }, members] = await Promise.all([
    callEtcd(endpoints, call, about, signal),
    readHealth(endpoints, signal),
  ]);
  const revision = BigInt(header.revision);
  if (history.marks.at(-1)?.revision !== revision) history.marks = [...history.marks, { revision, at: now }];
  // The newest that is old enough is all that is needed of the old ones.
  const old = history.marks.findLastIndex(({ at }) => at <= now - rules.keepMs);
  history.marks = history.marks.slice(Math.max(0, old));
  return {
    now,
    revision,
    compacted: history.compacted,
    members,
    endpoints: new Set(endpoints.all.map(({ url }) => url)),
    marks: history.marks,
    defragmented,
  };
}

async function perform({ endpoints, history }: Parts, step: MaintenanceStep, signal: AbortSignal): Promise<void> {
  switch (step.kind) {
    case "compact":
      await compact(endpoints, step.revision, signal);
      history.compacted = step.revision;
      return;
    case "defragment":
      return defragmentMember(endpoints, step.endpoint, signal);
    case "disarm":
      return disarm(endpoints, signal);
    default:
      assertNever(step);
  }
}

async function compact(endpoints: Endpoints, revision: Revision, signal: AbortSignal): Promise<void> {
  // Physical: the answer comes when the pages are free, which is what a defragmentation after it gives back.
  const call = { name: "compact", request: { revision: revision.toString(), physical: true } } as const;
  try {
    await callEtcd(endpoints, call, { action: `compact to revision ${revision}`, repeatable: true }, signal);
  } catch (error) {
    // Somebody did it already, perhaps we, in a call whose answer was lost.
    if (!(error instanceof CodedError) || error.code !== "ETCD_COMPACTED") throw error;
  }
}

async function disarm(endpoints: Endpoints, signal: AbortSignal): Promise<void> {
  const list = { name: "alarm", request: { action: "Get" } } as const;
  const { alarms } = await callEtcd(endpoints, list, { action: "list alarms", repeatable: true }, signal);
  for (const { alarm, memberID } of alarms.filter((one) => one.alarm === "Nospace")) {
    const call = { name: "alarm", request: { action: "Deactivate", alarm, memberID } } as const;
    await callEtcd(endpoints, call, { action: "take the alarm NOSPACE back", repeatable: true }, signal);
  }
}
