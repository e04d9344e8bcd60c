import type { CredentialFinding, Knock, MemberHealth } from "@quarterdeck/etcd";
import { failed, ok, skipped, warn, type Check } from "./check.ts";
import type { Findings } from "./findings.ts";

/** From where etcd's own warnings begin. */
const FULL = 0.8;
/** etcd tells whole seconds, and an answer takes its time. */
const CLOCK_MS = 2_000;
const MIB = 1_048_576;

/** How far each endpoint lets us come, how each member is, and what they have in common. */
export function deriveMemberChecks(findings: Findings): readonly Check[] {
  const { way, knocks, members } = findings;
  const missing = missingBecause(findings);
  if (missing !== null && knocks.length === 0)
    return [
      ...way.endpoints.map((endpoint) => skipped(`endpoint ${endpoint}`, missing)),
      skipped("leader", missing),
      skipped("alarms", missing),
    ];
  if (missing !== null)
    return [
      ...knocks.flatMap((knock) => reachChecks(knock, missing)),
      skipped("leader", missing),
      skipped("alarms", missing),
    ];
  return [
    ...members.flatMap((member) => [...stageChecks(member, findings), ...answerChecks(member)]),
    leaderCheck(members),
    alarmCheck(members),
  ];
}

function missingBecause({ way, unopened }: Findings): string | null {
  if (way.problem !== null) return "no context";
  if (typeof way.lab === "object") return "the lab does not run";
  if (unopened === null) return null;
  return unopened.code === "INVALID_CONFIG" ? "the context is wrong" : "no certificate that can be shown";
}

function reachChecks({ endpoint, failedAt, problem }: Knock, missing: string): readonly Check[] {
  const stages = stagesOf(endpoint);
  const at = failedAt === null ? stages.indexOf("tcp") + 1 : stages.indexOf(failedAt);
  return stages.map((stage, index) => {
    if (index < at) return ok(`${stage} ${endpoint}`, STAGE_OK[stage]);
    if (failedAt !== null && index === at && problem !== null) return failed(`${stage} ${endpoint}`, problem);
    return skipped(`${stage} ${endpoint}`, failedAt === null ? missing : `no ${failedAt}`);
  });
}

type Stage = "name" | "tcp" | "tls" | "etcd";

const STAGE_OK: Readonly<Record<Stage, string>> = {
  name: "it resolves",
  tcp: "somebody listens",
  tls: "its certificate is good, and it takes ours",
  etcd: "it answers",
};

/** An address needs no name, and http no certificate. */
function stagesOf(endpoint: string): readonly Stage[] {
  const { protocol, hostname } = new URL(endpoint);
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  return [
    ...(isAddress ? [] : (["name"] as const)),
    "tcp",
    ...(protocol === "https:" ? (["tls"] as const) : []),
    "etcd",
  ];
}

/** Name, TCP, TLS, and who answers. */
function stageChecks(member: MemberHealth, { credentials, now }: Findings): readonly Check[] {
  const { endpoint, failedAt, problem } = member;
  if (!URL.canParse(endpoint)) return [etcdCheck(member)];
  const stages = stagesOf(endpoint);
  const at = failedAt === null ? stages.length : Math.max(0, stages.indexOf(failedAt));
  return stages.map((stage, index) => {
    const check = `${stage} ${endpoint}`;
    if (index > at) return skipped(check, `no ${failedAt ?? stage}`);
    if (index < at) return stage === "etcd" ? etcdCheck(member) : ok(check, STAGE_OK[stage]);
    if (problem === null) return skipped(check, "it was not tried");
    // A certificate that cannot be good has been told of.
    const blamed = problem.code === "INVALID_CERTIFICATE" ? credentials.find((one) => isBad(one, now)) : undefined;
    return blamed === undefined ? failed(check, problem) : skipped(check, `the ${blamed.part} is not good`);
  });
}

function isBad({ problem, validFrom, validTo }: CredentialFinding, now: number): boolean {
  return problem !== null || now >= (validTo ?? Infinity) || now < (validFrom ?? 0);
}

function etcdCheck({ endpoint, name, id, healthy, hasLeader, alarms, problem }: MemberHealth): Check {
  const check = `etcd ${endpoint}`;
  // Alarms are the cluster's, and have a line of their own.
  if (!healthy && problem !== null && (alarms.length === 0 || hasLeader === false)) return failed(check, problem);
  return ok(check, `member ${name ?? "of an unknown name"}${id === null ? "" : ` (${id})`} answers`);
}

/** What a member that answered says of itself. */
function answerChecks(member: MemberHealth): readonly Check[] {
  if (member.failedAt !== null) return [];
  return [versionCheck(member), databaseCheck(member), clockCheck(member)];
}

function versionCheck({ endpoint, version, warning }: MemberHealth): Check {
  const check = `version ${endpoint}`;
  if (version === null) return skipped(check, "it did not say");
  if (warning === null) return ok(check, version);
  const [message = warning, remedy] = warning.split("; ");
  return warn(check, remedy === undefined ? { message } : { message, try: remedy });
}

function databaseCheck({ endpoint, databaseBytes, inUseBytes, quotaBytes }: MemberHealth): Check {
  const check = `database ${endpoint}`;
  if (databaseBytes === null) return skipped(check, "it did not say");
  const used = inUseBytes === null ? "" : `, ${mib(inUseBytes)} of it in use`;
  if (quotaBytes === null || quotaBytes <= 0) return ok(check, `${mib(databaseBytes)}${used}`);
  const message = `${mib(databaseBytes)} of ${mib(quotaBytes)} (${Math.round((100 * databaseBytes) / quotaBytes)} %)${used}`;
  if (databaseBytes < FULL * quotaBytes) return ok(check, message);
  return warn(check, {
    message,
    why: "at its quota etcd takes only reads and deletes",
    try: "see that it is compacted and defragmented, or give it a larger quota",
  });
}

function clockCheck({ endpoint, clockDifferenceMs }: MemberHealth): Check {
  const check = `clock ${endpoint}`;
  if (clockDifferenceMs === null) return skipped(check, "it did not say");
  if (Math.abs(clockDifferenceMs) < CLOCK_MS) return ok(check, "as ours, to the second");
  return warn(check, {
    message: `it is ${(Math.abs(clockDifferenceMs) / 1_000).toFixed(1)} s ${clockDifferenceMs > 0 ? "ahead of" : "behind"} ours`,
    why: "certificates and expiries are judged by clocks",
    try: "timedatectl, here and there",
  });
}

function leaderCheck(members: readonly MemberHealth[]): Check {
  const answering = members.filter(({ failedAt }) => failedAt === null);
  if (answering.length === 0) return skipped("leader", "no member answers");
  const leader = answering.find((member) => member.leader === true);
  if (leader !== undefined) {
    const voice = `${leader.name ?? leader.endpoint} leads, ${answering.length} of ${members.length} members answer`;
    return ok("leader", voice);
  }
  if (answering.some(({ hasLeader }) => hasLeader === true))
    return warn("leader", { message: "the leader is a member that does not answer here", try: "fleet etcd members" });
  return failed("leader", {
    message: `there is none: ${answering.length} of ${members.length} members answer`,
    why: "without a majority etcd neither reads nor writes",
    try: "systemctl status quarterdeck-etcd.service on each member",
  });
}

const ALARMS = {
  NOSPACE: {
    message: "NOSPACE: etcd is full, and takes only reads and deletes",
    try: "compact, defragment and disarm the alarm as root",
  },
  CORRUPT: { message: "CORRUPT: members hold different data", try: "replace the member that differs" },
} as const;

function alarmCheck(members: readonly MemberHealth[]): Check {
  const answering = members.filter(({ failedAt }) => failedAt === null);
  if (answering.length === 0) return skipped("alarms", "no member answers");
  // The worse one: NOSPACE can be lived with.
  const alarm = (["CORRUPT", "NOSPACE"] as const).find((one) => answering.some(({ alarms }) => alarms.includes(one)));
  return alarm === undefined ? ok("alarms", "none") : failed("alarms", ALARMS[alarm]);
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
