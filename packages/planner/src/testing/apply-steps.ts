import { CodedError, type UnitName, type UnitStatus } from "@quarterdeck/model";
import type { ClusterView, EntryView } from "../cluster-view.ts";
import type { ScheduleStep } from "../schedule-step.ts";

/**
 * The view after an engine has carried the steps out, each write one revision later than the last.
 * @throws {CodedError} ETCD_CONFLICT when a step expects another revision than there is
 */
export function applySteps(view: ClusterView, steps: readonly ScheduleStep[]): ClusterView {
  const entries = new Map(view.entries.map((entry) => [`${entry.machine}/${entry.unit}`, entry]));
  const statuses = new Map<UnitName, UnitStatus>(view.statuses);
  let revision = newestRevision(view);
  const put = (entry: Omit<EntryView, "modRevision">, expects: bigint | null): void => {
    const path = `${entry.machine}/${entry.unit}`;
    expect(path, expects);
    revision += 1n;
    entries.set(path, { ...entry, modRevision: revision });
  };
  const expect = (path: string, expects: bigint | null): void => {
    const found = entries.get(path)?.modRevision ?? null;
    if (found !== expects)
      throw new CodedError("ETCD_CONFLICT", { message: `${path} is at ${found}, not at ${expects}` });
  };
  for (const step of steps) {
    if (step.status !== null) statuses.set(step.unit, step.status);
    if (step.kind === "unplaceable" || step.kind === "record") continue;
    if (step.kind === "forget") {
      expect(`${step.machine}/${step.unit}`, step.expects);
      entries.delete(`${step.machine}/${step.unit}`);
      continue;
    }
    if (step.kind === "replaceLost")
      put({ machine: step.lost, unit: step.unit, entry: step.lostEntry }, step.lostExpects);
    put({ machine: step.machine, unit: step.unit, entry: step.entry }, step.expects);
  }
  return { ...view, entries: [...entries.values()], statuses };
}

/** The newest revision that the view shows. */
export function newestRevision(view: ClusterView): bigint {
  let newest = 100n;
  for (const { modRevision } of view.entries) if (modRevision > newest) newest = modRevision;
  for (const { state } of view.states)
    if (state.entryRevision !== null && BigInt(state.entryRevision) > newest) newest = BigInt(state.entryRevision);
  return newest;
}
