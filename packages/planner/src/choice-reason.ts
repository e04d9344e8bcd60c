import { reason, type Reason } from "@quarterdeck/model";
import { entryAt, type Choice } from "./choose-machine.ts";
import type { UnitView } from "./cluster-view.ts";
import { uncheckedNeeds } from "./judge-room.ts";
import type { PlanDraft } from "./plan-draft.ts";
import { spreadValue } from "./spread-tally.ts";

/** Why this machine and no other; must be asked before the unit counts there. */
export function choiceReason(draft: PlanDraft, unit: UnitView, choice: Choice): Reason {
  const { code, text } = mainReason(draft, unit, choice);
  const unchecked = uncheckedNeeds(unit, choice.machine);
  if (unchecked.length === 0) return reason(code, text);
  return reason(code, `${text}; what the machine has is not known, so nothing holds it to ${unchecked.join(" and ")}`);
}

function mainReason(draft: PlanDraft, unit: UnitView, { machine, rank, only, wasThere }: Choice): Reason {
  const { options } = unit;
  const { hostname } = machine;
  if (options.machineId !== null) return reason("PINNED_BY_MACHINE_ID", `${hostname}: MachineID= names it`);
  if (options.machineOf.length > 0)
    return reason("FOLLOWS_MACHINE_OF", `${hostname}: the machine of ${options.machineOf.join(", ")}`);
  if (only) return reason("ONLY_CANDIDATE", `${hostname} is the only machine that may take it`);
  if (entryAt(draft, unit, machine.machine) !== undefined)
    return reason("MACHINE_RETURNED", `${hostname} is back and still has a copy`);
  if (wasThere)
    return reason(
      "WAS_HERE",
      `${hostname} had it before, and no machine has fewer units (${rank.load}) and may take it`,
    );
  if (options.spread !== null) {
    const value = spreadValue(draft.view, machine.machine, options.spread);
    const where = value === "" ? `no ${options.spread}` : `${options.spread}=${value}`;
    return reason(
      "SPREAD_EVENLY",
      `${where} has the fewest of its like (${rank.like}), and ${hostname} the fewest units there (${rank.load})`,
    );
  }
  return reason("LEAST_LOADED", `${hostname} has the fewest units (${rank.load}) of those that may take it`);
}
