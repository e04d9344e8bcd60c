import type { CredentialFinding } from "@quarterdeck/etcd";
import { failed, ok, skipped, warn, type Check } from "./check.ts";
import type { Findings } from "./findings.ts";

const DAY_MS = 86_400_000;
/** Time enough to renew a certificate on a working day. */
const SOON_DAYS = 14;

/** What is here: the context, the lab it may live in, and the certificates. */
export function deriveWayChecks(findings: Findings): readonly Check[] {
  const { way, credentials, unopened } = findings;
  const context = contextCheck(findings);
  if (way.problem !== null)
    return [context, ...(["ca", "certificate", "key"] as const).map((part) => skipped(part, "no context"))];
  return [
    context,
    ...(way.lab === "none" ? [] : [way.lab === "runs" ? ok("lab", "it runs") : failed("lab", way.lab)]),
    ...credentials.map((finding) => credentialCheck(finding, findings)),
    // What no other check has said already.
    ...(unopened === null || unopened.code === "INVALID_CONFIG" || credentials.some((one) => one.problem !== null)
      ? []
      : [failed("client", unopened)]),
  ];
}

function contextCheck({ way, unopened }: Findings): Check {
  if (way.problem !== null) return failed("context", way.problem);
  if (unopened?.code === "INVALID_CONFIG") return failed("context", unopened);
  if (way.warning !== null) return warn("context", way.warning);
  return ok("context", `${way.name === null ? "" : `${way.name}: `}${way.source}`);
}

function credentialCheck(finding: CredentialFinding, { now, way }: Findings): Check {
  const { part, source, problem, name, validFrom, validTo } = finding;
  if (problem !== null) return failed(part, problem);
  if (validFrom === null || validTo === null) return ok(part, source);
  const dates = dateProblem(finding, now);
  if (dates !== null) return dates;
  if (part === "certificate" && way.principal !== null && name !== way.principal)
    return failed(part, {
      message: `it is of ${name ?? "nobody"}, and the context says ${way.principal} (${source})`,
      why: "requests are written below the certificate's own name, and refused below another",
      try: `the certificate of ${way.principal}, or another user in the context`,
    });
  return ok(part, `${name ?? "nobody"}, until ${dayOf(validTo)} (${source})`);
}

function dateProblem({ part, source, validFrom, validTo }: CredentialFinding, now: number): Check | null {
  if (validFrom === null || validTo === null) return null;
  if (now >= validTo)
    return failed(part, {
      message: `it expired at ${new Date(validTo).toISOString()} (${source})`,
      why: `our clock says ${new Date(now).toISOString()}`,
      try: "renew it, or set this machine's clock: timedatectl",
    });
  if (now < validFrom)
    return failed(part, {
      message: `it is not valid before ${new Date(validFrom).toISOString()} (${source})`,
      why: `our clock says ${new Date(now).toISOString()}`,
      try: "set this machine's clock: timedatectl",
    });
  const days = Math.floor((validTo - now) / DAY_MS);
  if (days >= SOON_DAYS) return null;
  return warn(part, {
    message: `it expires in ${days} days, at ${new Date(validTo).toISOString()} (${source})`,
    try: "renew it: a new file is taken up by itself",
  });
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
