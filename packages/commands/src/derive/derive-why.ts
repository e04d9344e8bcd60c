import type { MachineId, UnitName, UnitTarget } from "@quarterdeck/model";
import { copiesOf, isAcknowledged } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { isOutdated } from "../facts/is-outdated.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { reasonLine } from "./reason-line.ts";

/** Why a unit is where it is, or nowhere: the JSON of `why`. */
export type Why = {
  readonly unit: UnitName;
  /** `null` for an orphan: a unit that runs and that nobody submitted. */
  readonly desiredState: UnitTarget | null;
  readonly phase: "unplaced" | "placed" | "global" | null;
  readonly machine: MachineId | null;
  readonly reason: string | null;
  /** It is an instance, and its text is not its template's. */
  readonly outdated: boolean;
  /** Each machine that refused it, and why. */
  readonly refusals: readonly { readonly machine: MachineId; readonly hostname: string; readonly reason: string }[];
  readonly copies: readonly WhyCopy[];
};

type WhyCopy = {
  readonly machine: MachineId;
  readonly hostname: string;
  /** What the machine is to do with it; `null`: nothing says so. */
  readonly target: "launched" | "loaded" | "absent" | "absentAfter" | null;
  /** Whether its agent has carried that out. */
  readonly acknowledged: boolean;
  readonly active: string;
  readonly reason: string | null;
  /** What went wrong when the agent last acted. */
  readonly problem: string | null;
};

export function deriveWhy(facts: Facts, unit: UnitName): Why {
  const status = facts.statuses.get(unit)?.value;
  const name = (machine: MachineId): string => {
    const at = facts.machines.get(machine);
    return at === undefined ? "" : hostnameOf(at);
  };
  return {
    unit,
    desiredState: facts.units.get(unit)?.value.target ?? null,
    phase: status?.phase ?? null,
    machine: status?.machine ?? null,
    reason: status === undefined ? null : reasonLine(status.reason),
    outdated: isOutdated(facts, unit, facts.units.get(unit)?.value.hash ?? null),
    refusals: (status?.refusals ?? [])
      .map(({ machine, reason }) => ({ machine, hostname: name(machine), reason: reasonLine(reason) }))
      .toSorted(byHostname),
    copies: copiesOf(facts, unit)
      .map((copy) => ({
        machine: copy.machine,
        hostname: name(copy.machine),
        target: copy.entry?.target.kind ?? null,
        acknowledged: isAcknowledged(copy),
        active: copy.live ? (copy.state?.active ?? "unknown") : "lost",
        reason: copy.entry === null ? null : reasonLine(copy.entry.reason),
        problem: copy.state?.problem?.message ?? null,
      }))
      .toSorted(byHostname),
  };
}

/** As `status` lists machines. */
function byHostname(a: { readonly hostname: string }, b: { readonly hostname: string }): number {
  return a.hostname.localeCompare(b.hostname, "en", { numeric: true });
}
