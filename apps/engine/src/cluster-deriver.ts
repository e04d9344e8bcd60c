import type { ClusterView } from "@quarterdeck/planner";
import { deriveView } from "./derive-view.ts";
import { earliest } from "./earliest.ts";
import type { LossWatch } from "./loss-watch.ts";
import { paceLosses } from "./pace-losses.ts";
import type { EngineLog } from "./ports.ts";
import type { Pass } from "./stage.ts";
import { createViewMemory } from "./view-memory.ts";
import { silentMachines } from "./watch-silence.ts";

type Derived = {
  readonly cluster: ClusterView;
  /** When silence may turn into loss; see LossVerdict. */
  readonly dueAt: number | null;
};

/** The cluster of a pass, derived once however many stages ask. */
export type ClusterDeriver = (pass: Pass) => Derived;

/** `paceMs`: the time in which so many machines may be declared lost; see {@link paceLosses}. */
export function createClusterDeriver(watch: LossWatch, paceMs: number, log: EngineLog): ClusterDeriver {
  const memory = createViewMemory();
  const reported = new Set<string>();
  let last: { readonly pass: Pass; readonly derived: Derived } | null = null;
  return (pass) => {
    if (last?.pass === pass) return last.derived;
    const verdict = watch.look(silentMachines(pass.view), pass);
    const { lossBudget, freeAt } = paceLosses(pass.view, pass.now, paceMs);
    const { cluster, leftAlone } = deriveView(pass.view, { ...verdict, lossBudget }, memory);
    for (const unit of leftAlone) {
      if (!reported.has(unit))
        log.error({ unit, code: "ETCD_CORRUPT_VALUE" }, "a unit cannot be read and is left as it is");
      reported.add(unit);
    }
    // A clock that was set back must not put the next look off for ever.
    const paceDue = freeAt === null ? null : pass.elapsed + Math.min(paceMs, Math.max(1, freeAt - pass.now));
    const derived = { cluster, dueAt: earliest(verdict.dueAt, paceDue) };
    last = { pass, derived };
    return derived;
  };
}
