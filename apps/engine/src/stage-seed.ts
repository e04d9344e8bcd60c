import { keys } from "@quarterdeck/etcd";
import { planSeed, type SeedContent } from "./plan-seed.ts";
import type { EngineLog } from "./ports.ts";
import { NOTHING, type Stage } from "./stage.ts";

/** Commits policy and first units of a cluster that has no policy yet. */
export function createSeedStage(content: SeedContent | null, log: EngineLog): Stage {
  let reported = false;
  return {
    name: "seed",
    plan({ view, ...moment }) {
      if (content === null || view.get(keys.policy()) !== null) return NOTHING;
      const planned = planSeed(view, content, moment);
      if (planned.ok) {
        const units = content.seed.units.map((unit) => unit.name);
        return {
          commits: [{ transaction: planned.value, message: "seeded the cluster", fields: { units } }],
          dueAt: null,
        };
      }
      if (!reported) log.error({ ...planned.error }, "the seed is not usable and is left out");
      reported = true;
      return NOTHING;
    },
  };
}
