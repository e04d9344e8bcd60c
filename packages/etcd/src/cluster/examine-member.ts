import { etcdVersionWarning } from "../access/etcd-version-warning.ts";
import { connectionProblem, explainConnection } from "../connection/explain-connection.ts";
import type { Credentials } from "../connection/read-credentials.ts";
import { decodeHealth, decodeMetrics, decodeVersion } from "./decode-member.ts";
import type { EtcdAlarm, MemberHealth } from "./member-health.ts";
import { MemberHttp, NO_ANSWER, type MemberAnswer, type MemberSilence } from "./member-http.ts";

const ANSWER_MS = 2_000;
const ACTION = "ask how it is";

/** Asks one member how it is; what is wrong is in the answer. Its name is for the cluster to tell. */
export async function examineMember(
  endpoint: string,
  credentials: Credentials | null,
  signal: AbortSignal,
): Promise<MemberHealth> {
  using http = new MemberHttp(endpoint, credentials);
  const metrics = await http.get("/metrics", ANSWER_MS, signal);
  if (!("status" in metrics)) return silent(endpoint, credentials, metrics);
  const version = await http.get("/version", ANSWER_MS, signal);
  const said = "status" in version ? decodeVersion(version.body) : null;
  if (said === null) return strange(endpoint, metrics);
  const known = decodeMetrics(metrics.body);
  const { healthy, reason, alarms } = await askHealth(http, signal);
  const problem = healthy ? null : unwell(endpoint, { alarms, reason, hasLeader: known.hasLeader });
  return {
    ...UNKNOWN,
    ...known,
    endpoint,
    healthy,
    leader: known.isLeader,
    version: said,
    alarms,
    ...clockOf(metrics),
    problem,
    warning: etcdVersionWarning(said),
  };
}

type Health = { readonly healthy: boolean; readonly reason: string; readonly alarms: readonly EtcdAlarm[] };

/**
 * etcd 3.4 says only that it is unwell, later ones name one alarm of several; but all can leave alarms out of account (`exclude`), and so tell
 * which there are without a permission that only root has.
 */
async function askHealth(http: MemberHttp, signal: AbortSignal): Promise<Health> {
  const ask = async (query: string): Promise<{ readonly healthy: boolean; readonly reason: string }> => {
    const answer = await http.get(`/health${query}`, ANSWER_MS, signal);
    const found = "status" in answer ? decodeHealth(answer.body) : null;
    return found ?? { healthy: false, reason: "said" in answer ? answer.said : "it gave no answer to /health" };
  };
  const whole = await ask("");
  if (whole.healthy) return { ...whole, alarms: [] };
  const bare = await ask("?exclude=NOSPACE&exclude=CORRUPT");
  if (!bare.healthy) return { ...bare, alarms: [] };
  const alarms: EtcdAlarm[] = [];
  if (!(await ask("?exclude=CORRUPT")).healthy) alarms.push("NOSPACE");
  if (!(await ask("?exclude=NOSPACE")).healthy) alarms.push("CORRUPT");
  return { ...whole, alarms };
}

/** Of a member that did not say. */
const UNKNOWN = {
  name: null,
  id: null,
  failedAt: null,
  healthy: false,
  hasLeader: null,
  leader: null,
  version: null,
  databaseBytes: null,
  inUseBytes: null,
  quotaBytes: null,
  alarms: [],
  answeredAt: null,
  clockDifferenceMs: null,
  warning: null,
} as const;

function silent(endpoint: string, credentials: Credentials | null, { failedAt, said }: MemberSilence): MemberHealth {
  const explained =
    failedAt !== "name" && said === NO_ANSWER
      ? ({ code: "ETCD_UNREACHABLE", ...SILENT_AT[failedAt] } as const)
      : explainConnection(said, { endpoint, credentials, now: Date.now() });
  const problem =
    explained === null
      ? {
          code: "ETCD_UNREACHABLE" as const,
          message: `etcd at ${endpoint} cannot be reached: ${said}`,
          try: "fleet doctor",
        }
      : { code: explained.code, ...withoutAction(connectionProblem(explained, { endpoint, action: ACTION })) };
  return { ...UNKNOWN, endpoint, failedAt, problem };
}

/** Of who says nothing at all, by how far the connection came. */
const SILENT_AT = {
  tcp: { what: "cannot be reached: nothing comes back from there", remedy: "see the network and its firewalls" },
  tls: {
    what: "takes the connection and says nothing: it is stopped or overloaded, or is no etcd",
    remedy: "systemctl status quarterdeck-etcd.service on that machine",
  },
  etcd: {
    what: "takes the connection and gives no answer: it is stopped or overloaded, or is no etcd",
    remedy: "systemctl status quarterdeck-etcd.service on that machine",
  },
} as const;

/** Something answers there, but not as etcd does. */
function strange(endpoint: string, answer: MemberAnswer): MemberHealth {
  return {
    ...UNKNOWN,
    endpoint,
    failedAt: "etcd",
    ...clockOf(answer),
    problem: {
      code: "ETCD_UNREACHABLE",
      message: `what answers at ${endpoint} is not etcd (HTTP ${answer.status})`,
      try: "name etcd's client port, 2379 by custom",
    },
  };
}

type Unwell = Pick<MemberHealth, "alarms" | "hasLeader"> & { readonly reason: string };

function unwell(endpoint: string, { alarms, hasLeader, reason }: Unwell): MemberHealth["problem"] {
  if (hasLeader === false)
    return {
      code: "ETCD_UNREACHABLE",
      message: `etcd at ${endpoint} has no leader: half of its members or more are away`,
      why: "without a majority it neither reads nor writes",
      try: "bring members back: systemctl status quarterdeck-etcd.service on each",
    };
  if (alarms.includes("CORRUPT"))
    return {
      code: "FAILED",
      message: `etcd at ${endpoint} has found its data to differ between members (alarm CORRUPT)`,
      whoCanFix: "an administrator with the root certificate",
      try: "replace the member that differs",
    };
  if (alarms.includes("NOSPACE"))
    return {
      code: "FAILED",
      message: `the database of etcd at ${endpoint} is full (alarm NOSPACE): it only reads and deletes`,
      whoCanFix: "an administrator with the root certificate",
      try: "compact, defragment and disarm the alarm",
    };
  return {
    code: "ETCD_UNREACHABLE",
    message: `etcd at ${endpoint} is not well: ${reason === "" ? "it does not say why" : reason}`,
    try: "journalctl -u quarterdeck-etcd.service",
  };
}

function clockOf(answer: MemberAnswer): Pick<MemberHealth, "answeredAt" | "clockDifferenceMs"> {
  const { askedAt, answeredAt, theirClock } = answer;
  if (theirClock === null) return { answeredAt, clockDifferenceMs: null };
  // Its clock stood anywhere in that second when it answered, which was anywhere between question and arrival.
  const least = theirClock - answeredAt;
  const most = theirClock + 1_000 - askedAt;
  return { answeredAt, clockDifferenceMs: least > 0 ? least : most < 0 ? most : 0 };
}

function withoutAction<Fields extends { readonly message: string }>(fields: Fields): Fields {
  return { ...fields, message: fields.message.slice(`cannot ${ACTION}: `.length) };
}
