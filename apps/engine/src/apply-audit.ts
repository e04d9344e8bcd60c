import { absent, keys, modRevisionIs, put, type Snapshot } from "@quarterdeck/etcd";
import { reason, refuse, succeed, type AuditExport, type Request, type RequestAction } from "@quarterdeck/model";
import { actorName } from "./actor-name.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";

type AuditAction = Extract<RequestAction, { readonly verb: "audit" }>;

/** `audit --exported`: writes down up to where somebody has the log elsewhere; what is old of it is removed afterwards, pass by pass. */
export function applyAudit(
  view: Snapshot,
  { request, action }: { readonly request: Request; readonly action: AuditAction },
  now: number,
): Decision {
  const { sequence, hash } = action.exported;
  const head = view.get(keys.auditHead());
  const last = head?.value.sequence ?? 0;
  if (sequence > last || (sequence === last && hash !== head?.value.hash))
    return refuse({
      code: "CONFLICT",
      message: `${sequence}:${hash.slice(0, 8)}... is no entry of this audit log, which ends with ${last}`,
      why: "it is the log of another cluster, or an older state was put back here",
      try: "fleet audit --verify",
    });
  const known = view.get(keys.auditExport());
  if (known !== null && known.value.sequence >= sequence)
    return succeed({ ...NOTHING, reason: reason("REQUESTED", `exported up to ${known.value.sequence} already`) });
  const exported: AuditExport = { v: 1, sequence, hash, at: formatTimestamp(now), by: actorName(request.actor) };
  return succeed({
    ...NOTHING,
    when: [known === null ? absent(keys.auditExport()) : modRevisionIs(known)],
    then: [put(keys.auditExport(), exported)],
    changed: ["audit"],
    reason: reason("REQUESTED", `exported up to ${sequence}: what is old of it is removed`),
  });
}

const NOTHING = { when: [], then: [], changed: [], rollout: null, release: null };
