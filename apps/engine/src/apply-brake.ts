import { keys, modRevisionIs, put, type Snapshot } from "@quarterdeck/etcd";
import { reason, refuse, succeed, type Brake, type Request } from "@quarterdeck/model";
import { actorName } from "./actor-name.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { silentMachines } from "./watch-silence.ts";

/** `brake release`: lets the engine act on the loss of the machines that are gone now, and of no other. */
export function applyBrake(view: Snapshot, request: Request, now: number): Decision {
  if (request.why === "") {
    return refuse({
      code: "USAGE",
      message: "brake release: --reason is missing",
      why: "whoever reads the audit log must know why so many losses were taken for real",
      try: "fleet brake release --reason 'rack a burnt down'",
    });
  }
  const known = view.get(keys.brake());
  if (known === null || known.value.on === null)
    return succeed({ ...NOTHING, reason: reason("REQUESTED", "the brake is not on") });
  const machines = [...silentMachines(view)].toSorted();
  const released: Brake = {
    v: 1,
    on: null,
    release: { at: formatTimestamp(now), by: actorName(request.actor), why: request.why, machines },
  };
  return succeed({
    ...NOTHING,
    when: [modRevisionIs(known)],
    then: [put(keys.brake(), released)],
    changed: ["brake"],
    reason: reason("REQUESTED", `released the brake for ${machines.length} lost machines`),
  });
}

const NOTHING = { when: [], then: [], changed: [], rollout: null, release: null };
