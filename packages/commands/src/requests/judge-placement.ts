import type { Entry } from "@quarterdeck/etcd";
import type { Incarnation, Problem, ReasonCode, ScheduleEntry, Unit, UnitName, UnitStatus } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";

/** Reasons that pass by themselves: to be waited for. */
const PASSING: ReadonlySet<ReasonCode> = new Set([
  "WAITS_FOR_STOP",
  "WAITS_FOR_GRACE",
  "STALE_MIRROR",
  "FAILED_FOR_GOOD",
]);

/** How long an engine may take to think again about a unit that it could not place before. */
const SETTLE_MS = 2000;

/** The problem of a unit that fits nowhere, or `null` while it may still be placed. */
export function judgePlacement(facts: Facts, unit: UnitName, wanted: Entry<Unit>, elapsedMs: number): Problem | null {
  const status = facts.statuses.get(unit);
  if (status === undefined || status.value.phase === "placed" || PASSING.has(status.value.reason.code)) return null;
  if (status.value.incarnation !== incarnationOf(wanted)) return null;
  const nowhere = status.value.phase === "unplaced" || !facts.schedule.some((one) => one.unit === unit);
  const answered = status.modRevision >= wanted.modRevision || elapsedMs >= SETTLE_MS;
  return nowhere && answered && (status.value.phase === "unplaced" || elapsedMs >= SETTLE_MS)
    ? unplaceable(facts, unit, status.value)
    : null;
}

/** Whether a schedule entry is of this unit and of what is asked of it now, not of a former one. */
export function isOf(entry: ScheduleEntry, unit: Entry<Unit>): boolean {
  return entry.incarnation === incarnationOf(unit) && entry.generation >= unit.value.generation;
}

/** Its create revision, as the agents and the engine spell it. */
export function incarnationOf(unit: Entry<Unit>): Incarnation {
  return String(unit.createRevision) as Incarnation;
}

function unplaceable(facts: Facts, unit: UnitName, status: UnitStatus): Problem {
  const refusals = status.refusals
    .map(({ machine, reason }) => {
      const at = facts.machines.get(machine);
      const name = at === undefined ? "" : hostnameOf(at);
      const text = reason.text === "" ? reason.code : reason.text;
      return { name: name === "" ? machine.slice(0, 8) : name, text };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    // Most reasons begin with the machine's name.
    .map(({ name, text }) => (text.startsWith(`${name} `) ? text : `${name}: ${text}`));
  return {
    code: "UNPLACEABLE",
    message: `${unit} cannot be placed: ${status.reason.text === "" ? status.reason.code : status.reason.text}`,
    ...(refusals.length === 0 ? {} : { why: refusals.join("; ") }),
    whoCanFix: "whoever writes the unit file, or runs the machines",
    try: `fleet why ${unit}`,
  };
}
