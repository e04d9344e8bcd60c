import { keys, ranges, type Snapshot } from "@quarterdeck/etcd";
import {
  isTemplate,
  reason,
  refuse,
  succeed,
  templateOf,
  type Problem,
  type Unit,
  type UnitName,
  type UnitTarget,
} from "@quarterdeck/model";
import { newUnit, serviceOfInstance, submitFile, type SubmitOptions, type UnitText } from "./apply-submit.ts";
import { createDraft, type Draft } from "./draft.ts";
import type { Decision } from "./effect.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { ownedByService, owningService, templateCannot, unknownUnit } from "./unit-problems.ts";

type TargetVerb = "load" | "start" | "restart" | "stop" | "unload";

export type TargetOrder = {
  readonly verb: TargetVerb;
  readonly units: readonly UnitName[];
  /** Text that came along for names the cluster may not know; always empty for stop and restart. */
  readonly files: readonly UnitText[];
  readonly replace: boolean;
};

const TARGETS: Readonly<Record<TargetVerb, UnitTarget>> = {
  load: "loaded",
  start: "launched",
  restart: "launched",
  stop: "loaded",
  unload: "inactive",
};
const PARTICIPLES: Readonly<Record<TargetVerb, string>> = {
  load: "loaded",
  start: "started",
  restart: "restarted",
  stop: "stopped",
  unload: "unloaded",
};

/** `load`, `start`, `restart`, `stop`, `unload`: sets the desired state of units, with fleet's rules; all of them or none. */
export function applyTarget(view: Snapshot, order: TargetOrder, now: number): Decision {
  const draft = createDraft(view);
  for (const name of order.units) {
    if (isTemplate(name)) return refuse(templateCannot(name, PARTICIPLES[order.verb]));
    const problem = makeKnown(draft, name, { order, now }) ?? aim(draft, name, { verb: order.verb, now });
    if (problem !== null) return refuse(problem);
  }
  const done = draft.finish();
  const text =
    done.changed.length === 0 ? `${order.units.join(", ")}: so already` : `${order.verb} ${done.changed.join(", ")}`;
  return succeed({ ...done, rollout: null, release: null, reason: reason("REQUESTED", text) });
}

/** Creates or replaces the unit from the text that came along, or from its template. */
function makeKnown(
  draft: Draft,
  name: UnitName,
  { order, now }: { readonly order: TargetOrder; readonly now: number },
): Problem | null {
  const own = order.files.find((file) => file.name === name);
  const options = { replace: order.replace, verb: order.verb, target: "inactive" as const, now };
  if (own !== undefined) return submitFile(draft, own, options);
  if (draft.unit(name) !== null) return order.replace ? renew(draft, name, { files: order.files, options }) : null;
  const template = templateOf(name);
  const makes = order.verb === "start" || order.verb === "load";
  if (template === null || !makes) return unknownUnit(draft.view, name);
  const service = serviceOfInstance(draft, name);
  if (service !== null) return ownedByService(name, service, PARTICIPLES[order.verb]);
  const carried = order.files.find((file) => file.name === template);
  if (carried !== undefined) return submitFile(draft, { name, text: carried.text }, options);
  const known = draft.unit(template);
  if (known === null) return unknownUnit(draft.view, name);
  draft.setUnit(name, newUnit({ hash: known.hash, target: "inactive", now }));
  return null;
}

/** An instance takes over the text that its template has now. A replica's text comes with its release. */
function renew(
  draft: Draft,
  name: UnitName,
  { files, options }: { readonly files: readonly UnitText[]; readonly options: SubmitOptions },
): Problem | null {
  const unit = draft.unit(name);
  const template = templateOf(name);
  if (unit === null || template === null || owningService(unit) !== null) return null;
  const carried = files.find((file) => file.name === template);
  if (carried !== undefined) return submitFile(draft, { name, text: carried.text }, options);
  const hash = draft.unit(template)?.hash ?? unit.hash;
  if (hash !== unit.hash) draft.setUnit(name, { ...unit, hash, generation: unit.generation + 1 });
  return null;
}

function aim(
  draft: Draft,
  name: UnitName,
  { verb, now }: { readonly verb: TargetVerb; readonly now: number },
): Problem | null {
  const unit = draft.unit(name);
  if (unit === null) return unknownUnit(draft.view, name);
  const target = TARGETS[verb];
  const owner = owningService(unit);
  if (owner !== null && target !== "launched") return ownedByService(name, owner, PARTICIPLES[verb]);
  // fleet stops only what was started: a unit that is known or loaded stays as it is.
  if (verb === "stop" && unit.target !== "launched") return null;
  const again = verb === "start" && unit.target === "launched" && hasFailed(draft.view, name, unit);
  if (unit.target === target && !again && verb !== "restart") return null;
  const generation = nextGeneration(draft, name, unit);
  const asked = verb === "restart" ? { restartedAt: formatTimestamp(now) } : {};
  draft.setUnit(name, { ...unit, target, generation, ...asked });
  return null;
}

/** One request raises a unit's generation by one, whatever it changes; a unit made by this request stays at 1. */
function nextGeneration(draft: Draft, name: UnitName, unit: Unit): number {
  const stored = draft.storedUnit(name);
  return stored === null ? unit.generation : stored.value.generation + 1;
}

/**
 * Whether an agent has carried out this generation and the unit does not run. A unit whose newest generation nobody has acted on yet is
 * not started a second time.
 */
function hasFailed(view: Snapshot, name: UnitName, unit: Unit): boolean {
  return view.list(ranges.schedules).some(({ names: [machine, scheduled], value: entry, modRevision }) => {
    if (
      scheduled !== name ||
      machine === undefined ||
      entry.target.kind !== "launched" ||
      entry.generation !== unit.generation
    )
      return false;
    const state = view.get(keys.state(machine as Parameters<typeof keys.state>[0], name))?.value;
    return state?.entryRevision === String(modRevision) && (state.active === "failed" || state.active === "inactive");
  });
}
