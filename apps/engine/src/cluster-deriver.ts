import { ranges } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import type { ClusterView } from "@quarterdeck/planner";
import { createOptionsReader, deriveView } from "./derive-view.ts";
import { createLossWatch, type LossLimits } from "./loss-watch.ts";
import type { EngineLog } from "./ports.ts";
import { presentMachines } from "./present-machines.ts";
import type { Pass } from "./stage.ts";

export type Derived = {
  readonly cluster: ClusterView;
  /** When silence may turn into loss; see LossVerdict. */
  readonly dueAt: number | null;
};

/** The cluster of a pass, derived once however many stages ask; carries one leader's watch over silent machines. */
export type ClusterDeriver = (pass: Pass) => Derived;

export function createClusterDeriver(limits: LossLimits, log: EngineLog): ClusterDeriver {
  const watch = createLossWatch(limits);
  const readOptions = createOptionsReader();
  const reported = new Set<string>();
  let last: { readonly pass: Pass; readonly derived: Derived } | null = null;
  return (pass) => {
    if (last?.pass === pass) return last.derived;
    const present = presentMachines(pass.view);
    const silent = pass.view
      .list(ranges.machines)
      .map(({ names }) => names[0] as MachineId)
      .filter((machine) => !present.has(machine));
    const verdict = watch.look(new Set(silent), pass);
    const { cluster, leftAlone } = deriveView(pass.view, verdict, readOptions);
    for (const unit of leftAlone) {
      if (!reported.has(unit))
        log.error({ unit, code: "ETCD_CORRUPT_VALUE" }, "a unit cannot be read and is left as it is");
      reported.add(unit);
    }
    const derived = { cluster, dueAt: verdict.dueAt };
    last = { pass, derived };
    return derived;
  };
}
