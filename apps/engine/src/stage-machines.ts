import { planMachines } from "./plan-machines.ts";
import { NOTHING, type Stage } from "./stage.ts";

const MESSAGES = {
  "machine-joined": "a machine joined",
  "machine-returned": "a lost machine is back",
  "machine-lost": "a machine is lost",
  "machine-facts": "a machine's facts changed",
} as const;

/** Keeps `machines/` for those that are there; a loss is written down by the stage that acts on it. */
export function createMachineStage(): Stage {
  return {
    name: "machines",
    plan({ view, ...moment }) {
      const act = planMachines(view, moment);
      if (act === null) return NOTHING;
      return {
        commits: [{ transaction: act.transaction, message: MESSAGES[act.act], fields: { machine: act.machine } }],
        dueAt: null,
      };
    },
  };
}
