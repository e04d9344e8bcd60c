import { expect, test } from "vitest";
import { batchSteps } from "./batch-steps.ts";
import type { ClusterView } from "./cluster-view.ts";
import { planSchedule } from "./plan-schedule.ts";
import { actAsAgent } from "./testing/act-as-agent.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, at, aUnit, aView, machineId, withMachine } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);

test("fleet #1579: a Global unit reaches all of a thousand machines, also those that join while it spreads and those whose agents are slow", () => {
  const everywhere = aUnit("g.service", { options: { global: true } });
  const early = Array.from({ length: 700 }, (_, index) => aMachine(index + 1));
  let view: ClusterView = aView(early, [everywhere]);
  let joined = early.length;
  for (let pass = 0; joined < 1_000 || planSchedule(view, NOW).steps.length > 0; pass += 1) {
    expect(pass, "passes until it is everywhere").toBeLessThan(50);
    // One transaction alone comes through in a pass, as when the leader changes over and over.
    const [first = []] = batchSteps(planSchedule(view, NOW).steps, 32 * 5);
    view = applySteps(view, first);
    for (let index = 0; index < 30 && joined < 1_000; index += 1) view = withMachine(view, aMachine((joined += 1)));
    for (const machine of [...view.machines.keys()].filter((_, index) => index % 7 === pass % 7))
      view = actAsAgent(view, machine, { now: NOW });
  }
  view = [...view.machines.keys()].reduce((each, machine) => actAsAgent(each, machine, { now: NOW }), view);
  const runsOn = view.states.filter(({ state }) => state.active === "active").map(({ machine }) => machine);
  expect(new Set(runsOn)).toEqual(new Set(view.machines.keys()));
  expect(runsOn).toHaveLength(1_000);
  expect(planSchedule(view, NOW).steps).toEqual([]);
});

test("fleet #1264: five machines run three hundred units each, of which each kind keeps off its like, although one machine is fuller than the others", () => {
  const machines = [1, 2, 3, 4, 5].map((index) => aMachine(index));
  const units = Array.from({ length: 300 }, (_, kind) =>
    machines.map((_machine, instance) =>
      aUnit(`k${kind}@${instance}.service`, {
        incarnation: kind * machines.length + instance + 1,
        options: { conflicts: [`k${kind}@*.service`] },
      }),
    ),
  ).flat();
  // Were it not for the conflicts, the machine that has these would be given fewer of the others.
  const pinned = Array.from({ length: 60 }, (_, index) =>
    aUnit(`a${index}.service`, { options: { machineId: machineId(3) } }),
  );
  const view = settleDown(aView(machines, [...pinned, ...units]), NOW);
  const kindsOn = (machine: string): readonly string[] =>
    view.states
      .filter((each) => each.machine === machine && each.unit.startsWith("k") && each.state.active === "active")
      .map(({ unit }) => unit.replace(/@.*/, ""));
  for (const { machine } of machines) {
    expect(kindsOn(machine)).toHaveLength(300);
    expect(new Set(kindsOn(machine)).size).toBe(300);
  }
});
