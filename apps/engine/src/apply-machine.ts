import { keys, modRevisionIs, put, type Snapshot, type Transaction } from "@quarterdeck/etcd";
import {
  assertNever,
  reason,
  refuse,
  succeed,
  type Machine,
  type MachineId,
  type Metadata,
  type Problem,
  type RequestAction,
} from "@quarterdeck/model";
import type { Decision } from "./effect.ts";
import { endDrain } from "./end-drain.ts";

export type MachineAction = Extract<RequestAction, { readonly verb: "set-metadata" | "cordon" | "uncordon" }>;

/** `set-metadata`, `cordon`, `uncordon`: what operators say of a machine, present or not. What it runs is moved by the planner alone. */
export function applyMachine(view: Snapshot, action: MachineAction, now: number): Decision {
  const key = keys.machine(action.machine);
  const known = view.get(key);
  if (known === null) return refuse(unknownMachine(action.machine));
  const after = changeMachine(known.value, action);
  const name = after.lastPresence.hostname;
  const ended = action.verb === "uncordon" ? endDrain(view, { machine: action.machine, why: UNCORDONED }, now) : NONE;
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
const UNCORDONED = reason("REQUESTED", "the machine was uncordoned");

function describe(action: MachineAction): string {
  if (action.verb !== "set-metadata") return action.verb;
  const pairs = Object.entries(action.metadata).map(([key, value]) => `${key}=${value}`);
  return `set ${pairs.join(" ")} on`;
}
