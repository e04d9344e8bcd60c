import type { ClusterView } from "@quarterdeck/planner";
import { createOptionsReader, deriveView } from "./derive-view.ts";
import type { LossWatch } from "./loss-watch.ts";
import type { EngineLog } from "./ports.ts";
import type { Pass } from "./stage.ts";
import { silentMachines } from "./watch-silence.ts";

type Derived = {
  readonly cluster: ClusterView;
  /** When silence may turn into loss; see LossVerdict. */
  readonly dueAt: number | null;
};

/** The cluster of a pass, derived once however many stages ask. */
export type ClusterDeriver = (pass: Pass) => Derived;

export function createClusterDeriver(watch: LossWatch, log: EngineLog): ClusterDeriver {
  const readOptions = createOptionsReader();
  const reported = new Set<string>();
  let last: { readonly pass: Pass; readonly derived: Derived } | null = null;
  return (pass) => {
    if (last?.pass === pass) return last.derived;
    const verdict = watch.look(silentMachines(pass.view), pass);
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
