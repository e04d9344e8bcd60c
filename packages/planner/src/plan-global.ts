import { reason, type ReasonCode, type UnitStatus } from "@quarterdeck/model";
import { compareText } from "./cluster-index.ts";
import type { UnitView } from "./cluster-view.ts";
import { judgeMachine } from "./judge-machine.ts";
import { isPresent, type PlanDraft } from "./plan-draft.ts";
import { surroundings } from "./plan-keeping.ts";
import { settle } from "./plan-leaving.ts";
import { wantedEntry } from "./wanted-entry.ts";

/** Refusals that nobody needs to be told of: a Global unit is meant for the machines that match and answer. */
const BY_DESIGN: readonly ReasonCode[] = ["METADATA_MISMATCH", "MACHINE_NOT_RUNNING"];

type Refusals = UnitStatus["refusals"];

/** Gives a Global unit an entry on every machine that may have one and has none. */
export function planGlobal(draft: PlanDraft, unit: UnitView): void {
  const refusals: Refusals[number][] = [];
  const byDesign: Refusals[number][] = [];
  const entries = new Map((draft.index.entriesOf.get(unit.name) ?? []).map((entry) => [entry.machine, entry]));
  for (const machine of draft.index.machines) {
    if (draft.occupancy.kindOf(machine.machine, unit.name) === "live") continue;
    const entry = entries.get(machine.machine);
    // Stopping here, or just stopped: placed again once the entry is gone.
    if (entry !== undefined && entry.entry.target.kind !== "absentAfter") continue;
    // A cordon keeps new units away; it does not turn out a copy that is there.
    const here = entry === undefined ? machine : { ...machine, cordoned: false };
    const refusal = judgeMachine(unit, here, surroundings(draft));
    if (refusal === null) {
      const why = reason(
        "GLOBAL_UNIT",
        `${machine.hostname} matches, and ${unit.name} runs on every machine that does`,
      );
      draft.steps.push({
        kind: "place",
        machine: machine.machine,
        unit: unit.name,
        entry: wantedEntry(unit, why),
        expects: entry?.modRevision ?? null,
        reason: why,
      });
      draft.occupancy.add(machine.machine, unit.name, "live");
    } else if (!refusal.transient) {
      const list = BY_DESIGN.includes(refusal.reason.code) ? byDesign : refusals;
      list.push({ machine: machine.machine, reason: refusal.reason });
      if (entry !== undefined && isPresent(machine))
        settle(draft, entry, reason("CONSTRAINT_BROKEN", refusal.reason.text));
    }
  }
  const why = reason("GLOBAL_UNIT", `${unit.name} runs on every machine that matches`);
  // One that runs nowhere at all was meant otherwise: then every machine's reason is news.
  const isNowhere = byDesign.length + refusals.length === draft.index.machines.length;
  draft.standings.set(unit.name, {
    phase: "global",
    machine: null,
    reason: why,
    refusals: isNowhere
      ? [...byDesign, ...refusals].toSorted((left, right) => compareText(left.machine, right.machine))
      : refusals,
  });
}
