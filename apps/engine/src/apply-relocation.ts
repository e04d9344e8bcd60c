import { absent, keys, modRevisionIs, put, ranges, type Entry, type Snapshot } from "@quarterdeck/etcd";
import {
  reason,
  refuse,
  succeed,
  type MachineId,
  type Problem,
  type Relocation,
  type RelocationId,
  type Request,
} from "@quarterdeck/model";
import { actorName } from "./actor-name.ts";
import { unknownMachine } from "./apply-machine.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { hashText } from "./hash-text.ts";
import { isEnded } from "./is-ended.ts";

/** `drain`: cordons the machine and orders its units to be moved off it; a drain of it that goes on already is the answer to a second one. */
export function applyDrain(
  view: Snapshot,
  { request, machine }: { readonly request: Request; readonly machine: MachineId },
  now: number,
): Decision {
  const known = view.get(keys.machine(machine));
  if (known === null) return refuse(unknownMachine(machine));
  const name = known.value.lastPresence.hostname;
  const running = findRunning(view, (relocation) => relocation.machine === machine);
  if (running !== null && known.value.cordoned)
    return succeed({
      ...NOTHING,
      when: [modRevisionIs(running)],
      relocation: running.value.id,
      reason: reason("REQUESTED", `${name} is being drained already`),
    });
  const relocation = newRelocation(request, { kind: "drain", machine, max: null }, now);
  const key = keys.relocation(relocation.id);
  return succeed({
    ...NOTHING,
    when: [modRevisionIs(known), absent(key)],
    then: [put(keys.machine(machine), { ...known.value, cordoned: true }), put(key, relocation)],
    changed: [machine],
    relocation: relocation.id,
    reason: reason("REQUESTED", `drain ${name}`),
  });
}

/** `rebalance`: orders units to be moved until the machines have equally many; one at a time, and not beside a drain. */
export function applyRebalance(
  view: Snapshot,
  { request, max }: { readonly request: Request; readonly max: number | null },
  now: number,
): Decision {
  const running = findRunning(view, () => true);
  if (running !== null) return refuse(stillRunning(view, running.value));
  const relocation = newRelocation(request, { kind: "rebalance", machine: null, max }, now);
  const key = keys.relocation(relocation.id);
  return succeed({
    ...NOTHING,
    when: [absent(key)],
    then: [put(key, relocation)],
    changed: ["cluster"],
    relocation: relocation.id,
    reason: reason("REQUESTED", max === null ? "rebalance" : `rebalance by at most ${max} moves`),
  });
}

const NOTHING = { when: [], then: [], changed: [], rollout: null, release: null };

function findRunning(view: Snapshot, isMeant: (relocation: Relocation) => boolean): Entry<Relocation> | null {
  return view.list(ranges.relocations).find(({ value }) => !isEnded(value) && isMeant(value)) ?? null;
}

function newRelocation(request: Request, what: Pick<Relocation, "kind" | "machine" | "max">, now: number): Relocation {
  const digest = hashText(`${request.actor.principal}/${request.id}`).slice(0, 16);
  return {
    v: 1,
    id: `${what.kind}-${digest}` as RelocationId,
    ...what,
    state: "ordered",
    moves: [],
    reason: reason("REQUESTED", "its moves are being planned"),
    request: request.id,
    by: actorName(request.actor),
    startedAt: formatTimestamp(now),
    endedAt: null,
  };
}

function stillRunning(view: Snapshot, { kind, machine, by }: Relocation): Problem {
  const name = machine === null ? null : (view.get(keys.machine(machine))?.value.lastPresence.hostname ?? machine);
  return {
    code: "ALREADY_RUNNING",
    message: name === null ? `a ${kind} by ${by} is still going on` : `${name} is still being drained, by ${by}`,
    why: "units are moved by one order at a time, so that two do not undo each other",
    try: name === null ? "fleet rebalance again when it is done" : `fleet machine ${name}`,
  };
}
