import type { MachineId, Timestamp } from "@quarterdeck/model";
import { batchSteps } from "../batch-steps.ts";
import type { ClusterView, MachinePresence } from "../cluster-view.ts";
import { planSchedule } from "../plan-schedule.ts";
import type { SchedulePlan } from "../schedule-step.ts";
import { actAsAgent } from "./act-as-agent.ts";
import { applySteps } from "./apply-steps.ts";
import type { ClusterEvent } from "./arbitrary-cluster.ts";
import { at, aUnit, withMachine, withoutUnit, withUnit } from "./build-view.ts";
import { DONE, endCopies, FAILED } from "./end-copies.ts";

/** A pass of the engine while events are played. */
export type Pass = {
  readonly now: Timestamp;
  readonly before: ClusterView;
  readonly plan: SchedulePlan;
  readonly after: ClusterView;
};

/** Plays events one second apart and tells of every pass; answers the view at the end. */
export function playEvents(
  start: ClusterView,
  events: readonly ClusterEvent[],
  onPass: (pass: Pass) => void = () => {},
): ClusterView {
  let view = start;
  for (const [index, event] of events.entries()) {
    const now = at(index + 1);
    if (event.kind !== "engine") {
      view = playEvent(view, event, { now, revision: index + 1 });
      continue;
    }
    const plan = planSchedule(view, now);
    const committed = batchSteps(plan.steps, 4).slice(0, event.transactions);
    const after = applySteps(declareLost(view, plan), committed.flat());
    onPass({ now, before: view, plan, after });
    view = after;
  }
  return view;
}

type Moment = { readonly now: Timestamp; readonly revision: number };

function playEvent(
  view: ClusterView,
  event: Exclude<ClusterEvent, { kind: "engine" }>,
  { now, revision }: Moment,
): ClusterView {
  switch (event.kind) {
    case "submit": {
      const known = view.units.get(event.unit);
      const generation = (known?.unit.generation ?? 0) + 1;
      const made = aUnit(event.unit, {
        options: event.options,
        unit: { target: event.target, generation },
        incarnation: revision,
      });
      return withUnit(view, known === undefined ? made : { ...made, incarnation: known.incarnation });
    }
    case "target": {
      const known = view.units.get(event.unit);
      if (known === undefined || known.unit.target === event.target) return view;
      return withUnit(view, {
        ...known,
        unit: { ...known.unit, target: event.target, generation: known.unit.generation + 1 },
      });
    }
    case "destroy":
      return withoutUnit(view, event.unit);
    case "leader":
      return { ...view, mayActOnLosses: event.mayActOnLosses };
    case "agent":
      return view.machines.get(event.machine)?.presence.kind === "present"
        ? actAsAgent(view, event.machine, { now })
        : view;
    case "agents":
      return [...view.machines.values()].reduce(
        (current, { machine, presence }) =>
          presence.kind === "present" ? actAsAgent(current, machine, { now }) : current,
        view,
      );
    case "lose":
      return changePresence(view, event.machine, () => ({
        kind: "silent",
        since: now,
        graceOver: true,
        declaredLost: false,
      }));
    case "cut":
      return changePresence(view, event.machine, (presence) =>
        presence.kind === "present" ? { kind: "silent", since: now, graceOver: false, declaredLost: false } : presence,
      );
    case "grace":
      return changePresence(view, event.machine, (presence) =>
        presence.kind === "present" ? presence : { ...presence, graceOver: true },
      );
    case "heal":
      return changePresence(view, event.machine, () => ({ kind: "present" }));
    case "boot": {
      if (view.machines.get(event.machine)?.presence.kind !== "silent") return view;
      return actAsAgent(
        changePresence(view, event.machine, () => ({ kind: "present" })),
        event.machine,
        { now, rebooted: true },
      );
    }
    case "fail":
      return endCopies(view, event.unit, FAILED);
    case "finish":
      return endCopies(view, event.unit, DONE);
    case "disk": {
      const machine = view.machines.get(event.machine);
      return machine === undefined ? view : withMachine(view, { ...machine, diskFreePercent: event.freePercent });
    }
    case "cordon": {
      const machine = view.machines.get(event.machine);
      return machine === undefined ? view : withMachine(view, { ...machine, cordoned: event.cordoned });
    }
    case "relabel": {
      const machine = view.machines.get(event.machine);
      return machine === undefined ? view : withMachine(view, { ...machine, metadata: { role: event.role } });
    }
  }
}

function changePresence(
  view: ClusterView,
  id: MachineId,
  change: (presence: MachinePresence) => MachinePresence,
): ClusterView {
  const machine = view.machines.get(id);
  return machine === undefined ? view : withMachine(view, { ...machine, presence: change(machine.presence) });
}

function declareLost(view: ClusterView, plan: SchedulePlan): ClusterView {
  return plan.lost.reduce(
    (current, id) =>
      changePresence(current, id, (presence) =>
        presence.kind === "silent" ? { ...presence, declaredLost: true } : presence,
      ),
    view,
  );
}
