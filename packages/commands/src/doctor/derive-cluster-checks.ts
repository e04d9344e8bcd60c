import type { Unreadable } from "@quarterdeck/etcd";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { failed, ok, skipped, warn, type Check } from "./check.ts";
import type { ClusterFindings, Findings } from "./findings.ts";

const CHECKS = ["access control", "reading", "writing", "values", "engine", "agents"] as const;

/** What etcd lets us do, and who is there to act on it. */
export function deriveClusterChecks({ cluster, members, credentials, way }: Findings): readonly Check[] {
  if (cluster === null) {
    const answers = members.some(({ failedAt }) => failedAt === null);
    return CHECKS.map((check) => skipped(check, answers ? "etcd has no leader" : "no etcd to ask"));
  }
  const me = credentials.find(({ part }) => part === "certificate")?.name ?? way.principal ?? "nobody";
  const { reading } = cluster;
  return [
    accessCheck(cluster),
    reading.ok
      ? ok("reading", `${me} may read all that verbs read (revision ${reading.value.facts.revision})`)
      : failed("reading", reading.error),
    writingCheck(cluster, me),
    ...(reading.ok
      ? [valuesCheck(reading.value.unreadable), engineCheck(reading.value.facts), agentsCheck(reading.value.facts)]
      : (["values", "engine", "agents"] as const).map((check) => skipped(check, "they cannot be read"))),
  ];
}

function accessCheck({ isAccessControlled }: ClusterFindings): Check {
  const check = "access control";
  if (!isAccessControlled.ok) return failed(check, isAccessControlled.error);
  if (isAccessControlled.value) return ok(check, "on: etcd holds users to their keys");
  return failed(check, {
    message: "off: whoever reaches etcd can read and write everything",
    try: "npm start, which turns it on with the roles of this cluster",
  });
}

/** Only the engine writes what should be: requests are how everybody else does. */
function writingCheck({ mayWrite, isAccessControlled }: ClusterFindings, me: string): Check {
  const check = "writing";
  if (!mayWrite.ok) return skipped(check, `it cannot be told: ${mayWrite.error.message}`);
  if (!mayWrite.value) return ok(check, `${me} may not write what should be, as it is meant`);
  if (isAccessControlled.ok && !isAccessControlled.value) return skipped(check, "access control is off");
  if (me === "engine") return ok(check, "the engine may write what should be");
  const fault = {
    message: `${me} may write what should be, past the engine`,
    why: "nothing would be authorised or noted in the audit log",
  };
  return me === "root"
    ? warn(check, { ...fault, try: "an operator's certificate for every day" })
    : failed(check, { ...fault, try: "npm start, which sets the roles of this cluster right" });
}

function valuesCheck(unreadable: readonly Unreadable[]): Check {
  const [first] = unreadable;
  if (first === undefined) return ok("values", "all can be read by this version");
  const newer = unreadable.find(({ error }) => error.code === "ETCD_NEWER_VALUE");
  const { path, error } = newer ?? first;
  const others = unreadable.length === 1 ? "" : ` and ${unreadable.length - 1} more`;
  return newer === undefined
    ? failed("values", { message: `${path}${others} cannot be read: ${error.message}`, try: `fleet etcd get KEY` })
    : failed("values", {
        message: `${path}${others}: ${error.message}`,
        why: "a newer version of Quarterdeck wrote it",
        try: "update this program: fleet version",
      });
}

function engineCheck({ leader }: Facts): Check {
  if (leader !== null) return ok("engine", `led by ${leader.hostname}`);
  return failed("engine", {
    message: "none leads: requests wait",
    try: "systemctl status quarterdeck-engine.service on the machines that have one",
  });
}

function agentsCheck({ machines }: Facts): Check {
  const all = [...machines.values()];
  const silent = all.filter(({ presence }) => presence === null);
  if (all.length === 0) return warn("agents", { message: "no machine has joined", try: "fleet list-machines" });
  if (silent.length === 0) return ok("agents", `${all.length} of ${all.length} machines report`);
  const names = silent.slice(0, 3).map((machine) => hostnameOf(machine) || machine.machine.slice(0, 8));
  const more = silent.length > names.length ? ` and ${silent.length - names.length} more` : "";
  const fault = {
    message: `${all.length - silent.length} of ${all.length} machines report; silent: ${names.join(", ")}${more}`,
    try: "systemctl status quarterdeck-agent.service there; fleet list-machines",
  };
  return silent.length === all.length ? failed("agents", fault) : warn("agents", fault);
}
