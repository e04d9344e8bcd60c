import {
  examineCredentials,
  knockMember,
  ranges,
  type EtcdClient,
  type Transaction,
  type Unreadable,
} from "@quarterdeck/etcd";
import { CodedError, refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import type { Approach, OpenCluster } from "../approach.ts";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import type { ClusterFindings, Findings } from "./findings.ts";

/**
 * Goes the way to a cluster as far as it goes; what is in the way is in the answer. Writes nothing. `onStep` is told what is under way.
 * Throws but for the signal.
 */
export async function gatherFindings(
  approach: Approach,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<Findings> {
  const { source, problem, warning, name, endpoints, principal } = approach;
  const way = { source, problem, warning, name, endpoints, principal, lab: "none" } as const;
  const nothing = {
    now: approach.clock.now(),
    way,
    credentials: [],
    unopened: null,
    knocks: [],
    members: [],
    cluster: null,
  } as const satisfies Findings;
  if (problem !== null) return nothing;
  onStep("looking at the certificates");
  const credentials = approach.tls === null ? [] : await examineCredentials(approach.tls);
  onStep("looking for the lab");
  const lab = approach.lab === null ? ("none" as const) : ((await approach.lab(signal)) ?? ("runs" as const));
  const known = { ...nothing, way: { ...way, lab }, credentials };
  if (typeof lab === "object") return known;
  const opened = await answerOf(approach.open(signal), signal);
  if (!opened.ok) {
    onStep("knocking at the endpoints");
    const knocks = await Promise.all(
      endpoints.filter((url) => URL.canParse(url)).map((url) => knockMember(url, signal)),
    );
    return { ...known, unopened: opened.error, knocks };
  }
  await using cluster = opened.value;
  return { ...known, ...(await askEtcd(cluster, onStep, signal)) };
}

async function askEtcd(
  { context: { etcd } }: OpenCluster,
  onStep: (step: string) => void,
  signal: AbortSignal,
): Promise<Pick<Findings, "members" | "cluster">> {
  onStep("asking each member of etcd how it is");
  const members = await etcd.health(signal);
  // Without a leader every question would only run into its deadline.
  if (!members.some((member) => member.hasLeader === true)) return { members, cluster: null };
  onStep("reading the cluster");
  return { members, cluster: await readCluster(etcd, signal) };
}

async function readCluster(etcd: EtcdClient, signal: AbortSignal): Promise<ClusterFindings> {
  const [isAccessControlled, reading, mayWrite] = await Promise.all([
    answerOf(etcd.isAccessControlled(signal), signal),
    answerOf(readAll(etcd, signal), signal),
    mayWriteWhatShouldBe(etcd, signal),
  ]);
  return { isAccessControlled, reading, mayWrite };
}

async function readAll(
  etcd: EtcdClient,
  signal: AbortSignal,
): Promise<{ readonly facts: ReturnType<typeof deriveFacts>; readonly unreadable: readonly Unreadable[] }> {
  const snapshot = await etcd.snapshot(FACT_PREFIXES, signal);
  const { leaders, machines, presences, releases, rollouts, schedules, services, states, statuses, units } = ranges;
  const unreadable = [
    snapshot.unreadable(leaders),
    snapshot.unreadable(machines),
    snapshot.unreadable(presences),
    snapshot.unreadable(releases),
    snapshot.unreadable(rollouts),
    snapshot.unreadable(schedules),
    snapshot.unreadable(services),
    snapshot.unreadable(states),
    snapshot.unreadable(statuses),
    snapshot.unreadable(units),
  ].flat();
  return { facts: deriveFacts(snapshot), unreadable };
}

const PROBE = "units/doctor.service";

/** Can never be done: a key cannot be there and not be there. etcd looks at the permissions all the same, and before the conditions. */
const IMPOSSIBLE: Transaction = {
  when: [
    { kind: "present", path: PROBE },
    { kind: "absent", path: PROBE },
  ],
  then: [{ kind: "put", path: PROBE, json: "{}", lease: null }],
};

async function mayWriteWhatShouldBe(etcd: EtcdClient, signal: AbortSignal): Promise<Result<boolean>> {
  const tried = await answerOf(etcd.transact(IMPOSSIBLE, signal), signal);
  if (tried.ok) return succeed(true);
  return tried.error.code === "ETCD_FORBIDDEN" ? succeed(false) : tried;
}

/** What went wrong as a finding; a fault of our own is none. */
async function answerOf<Value>(asked: Promise<Value>, signal: AbortSignal): Promise<Result<Value, Problem>> {
  try {
    return succeed(await asked);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CodedError) return refuse(error.problem);
    throw error;
  }
}
