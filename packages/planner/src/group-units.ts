import type { UnitName } from "@quarterdeck/model";
import type { UnitView } from "./cluster-view.ts";

/** Units tied by MachineOf, directly or through others; most groups are one unit. */
export type UnitGroup = {
  /** The name of the oldest member. */
  readonly id: UnitName;
  /** Targets before the units that follow them. */
  readonly members: readonly UnitView[];
};

/** Groups by age of their oldest member; `units` are those that take part, oldest first. */
export function groupUnits(units: readonly UnitView[]): readonly UnitGroup[] {
  const known = new Map(units.map((unit) => [unit.name, unit]));
  const followers = new Map<UnitName, UnitView[]>();
  for (const unit of units) {
    for (const target of unit.options.machineOf) {
      if (!known.has(target)) continue;
      const list = followers.get(target);
      if (list === undefined) followers.set(target, [unit]);
      else list.push(unit);
    }
  }
  const seen = new Set<UnitName>();
  const groups: UnitGroup[] = [];
  for (const unit of units) {
    if (seen.has(unit.name)) continue;
    const members = unit.options.machineOf.length === 0 && !followers.has(unit.name) ? [unit] : collect(unit);
    groups.push({ id: unit.name, members: members.length === 1 ? members : targetsFirst(members) });
  }
  return groups;

  function collect(start: UnitView): UnitView[] {
    const members: UnitView[] = [start];
    seen.add(start.name);
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index];
      if (member === undefined) continue;
      const targets = member.options.machineOf.flatMap((name) => known.get(name) ?? []);
      for (const next of [...targets, ...(followers.get(member.name) ?? [])]) {
        if (seen.has(next.name)) continue;
        seen.add(next.name);
        members.push(next);
      }
    }
    return members;
  }
}

/** Depth first along MachineOf; a ring is entered where its first member stands. */
function targetsFirst(members: readonly UnitView[]): readonly UnitView[] {
  const byName = new Map(members.map((member) => [member.name, member]));
  const ordered = new Map<UnitName, UnitView>();
  const entered = new Set<UnitName>();
  const visit = (member: UnitView): void => {
    if (entered.has(member.name)) return;
    entered.add(member.name);
    for (const target of member.options.machineOf) {
      const next = byName.get(target);
      if (next !== undefined) visit(next);
    }
    ordered.set(member.name, member);
  };
  for (const member of members) visit(member);
  return [...ordered.values()];
}
