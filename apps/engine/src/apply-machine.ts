import { keys, modRevisionIs, put, ranges, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import {
  assertNever,
  reason,
  refuse,
  succeed,
  type Machine,
  type MachineId,
  type Metadata,
  type Move,
  type Problem,
  type Relocation,
  type RequestAction,
} from "@quarterdeck/model";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { isEnded } from "./is-ended.ts";

export type MachineAction = Extract<RequestAction, { readonly verb: "set-metadata" | "cordon" | "uncordon" }>;

/** `set-metadata`, `cordon`, `uncordon`: what operators say of a machine, present or not. What it runs is moved by the planner alone. */
export function applyMachine(view: Snapshot, action: MachineAction, now: number): Decision {
  const key = keys.machine(action.machine);
  const known = view.get(key);
  if (known === null) return refuse(unknownMachine(action.machine));
  const after = changeMachine(known.value, action);
  const name = after.lastPresence.hostname;
  const ended = action.verb === "uncordon" ? endDrain(view, action.machine, now) : NONE;
  const changed = JSON.stringify(after) !== JSON.stringify(known.value) || ended.then.length > 0;
  return succeed({
    when: [modRevisionIs(known), ...ended.when],
    then: changed ? [put(key, after), ...ended.then] : [],
    changed: changed ? [action.machine] : [],
    rollout: null,
    release: null,
    reason: reason("REQUESTED", changed ? `${describe(action)} ${name}` : `${name}: so already`),
  });
}

/** `NOT_FOUND` for a machine that never joined. */
export function unknownMachine(machine: MachineId): Problem {
  return {
    code: "NOT_FOUND",
    message: `machine ${machine} does not exist`,
    why: "no machine of that id ever joined",
    try: "fleet list-machines --full",
  };
}

function changeMachine(machine: Machine, action: MachineAction): Machine {
  switch (action.verb) {
    case "set-metadata":
      return { ...machine, metadata: setMetadata(machine, action.metadata) };
    case "cordon":
      return { ...machine, cordoned: true };
    case "uncordon":
      return { ...machine, cordoned: false };
    default:
      return assertNever(action);
  }
}

/** An empty value is kept only where it hides what the machine says of itself. */
function setMetadata({ metadata, lastPresence }: Machine, set: Metadata): Metadata {
  return Object.fromEntries(
    Object.entries({ ...metadata, ...set })
      .filter(([key, value]) => value !== "" || Object.hasOwn(lastPresence.metadata, key))
      .toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}

const NONE: Transaction = { when: [], then: [] };

/** Of a drain that goes on no further move is begun; the one that is under way is finished. */
function endDrain(view: Snapshot, machine: MachineId, now: number): Transaction {
  const running = view
    .list(ranges.relocations)
    .find(({ value }) => value.kind === "drain" && value.machine === machine && !isEnded(value));
  if (running === undefined) return NONE;
  const why = reason("REQUESTED", "the machine was uncordoned");
  const moves = running.value.moves.map((move): Move =>
    move.state === "pending" ? { ...move, state: "stays", reason: why } : move,
  );
  const after: Relocation =
    running.value.state === "ordered"
      ? { ...running.value, state: "done", reason: why, endedAt: formatTimestamp(now) }
      : { ...running.value, moves };
  return { when: [modRevisionIs(running)], then: [put(keys.relocation(running.value.id), after)] };
}

function describe(action: MachineAction): string {
  if (action.verb !== "set-metadata") return action.verb;
  const pairs = Object.entries(action.metadata).map(([key, value]) => `${key}=${value}`);
  return `set ${pairs.join(" ")} on`;
}
