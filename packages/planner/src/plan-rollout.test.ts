import type {
  DeploySpec,
  Principal,
  Release,
  RequestId,
  RolloutId,
  ServiceName,
  Sha256,
  UnitName,
  UnitState,
} from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { ClusterView } from "./cluster-view.ts";
import { draftRollout } from "./draft-rollout.ts";
import { planRollout } from "./plan-rollout.ts";
import { planSchedule } from "./plan-schedule.ts";
import type { RolloutView } from "./rollout-plan.ts";
import { actAsAgent, type Behaviour } from "./testing/act-as-agent.ts";
import { applyRollout } from "./testing/apply-rollout.ts";
import { applySteps } from "./testing/apply-steps.ts";
import { aMachine, aReplica, aUnit, at, aView, machineId } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const RUNS = 500;
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 1_000 });

const DEPLOY: DeploySpec = {
  image: "registry.lab:5000/web",
  replicas: 3,
  healthCheck: null,
  maxParallel: 1,
  canary: 0,
  minHealthySeconds: 10,
  healthyDeadlineSeconds: 30,
  progressDeadlineSeconds: 120,
  autoRevert: false,
};
const web = (index: number): UnitName => `web@${index}.service` as UnitName;

function aRollout(
  number: number,
  changes: Partial<DeploySpec> = {},
  previous: number | null = number === 1 ? null : number - 1,
): RolloutView {
  const release: Release = {
    v: 1,
    service: "web" as ServiceName,
    number,
    version: `1.${number}.0`,
    image: `registry.lab:5000/web:1.${number}.0`,
    hash: "c".repeat(64) as Sha256,
    by: "dev",
    principal: "operator:dev" as Principal,
    at: at(0),
    why: "",
  };
  const rollout = draftRollout({
    id: `web-${number}-00000000` as RolloutId,
    release,
    previous,
    deploy: { ...DEPLOY, ...changes },
    request: "request-1" as RequestId,
    by: "dev",
    at: at(0),
  });
  return { rollout, release };
}

/** Three machines, each with a replica of release 1 that does well. */
const running = (): ClusterView =>
  settleDown(
    aView(
      [1, 2, 3].map((index) => aMachine(index)),
      [1, 2, 3].map((index) => aReplica(`web@${index}.service`, 1, { incarnation: index })),
    ),
    at(0),
  );

const withState = (view: ClusterView, unit: UnitName, changes: Partial<UnitState>): ClusterView => ({
  ...view,
  states: view.states.map((known) =>
    known.unit === unit ? { ...known, state: { ...known.state, ...changes } } : known,
  ),
});

/** Starts the first replica of release 2 and lets its agent act. */
function underWay(
  behaviour: Behaviour,
  changes: Partial<DeploySpec> = {},
): { view: ClusterView; rollout: RolloutView } {
  const before = aRollout(2, changes);
  const plan = planRollout(before, running(), at(0));
  const applied = applyRollout(running(), plan);
  const view = [1, 2, 3].reduce(
    (current, index) => actAsAgent(current, machineId(index), { now: at(1), behaviourOf: () => behaviour }),
    applied,
  );
  return { view, rollout: { ...before, rollout: plan.rollout } };
}

describe("a rollout", () => {
  test("starts its first wave with complete values for the unit and its entry", () => {
    const plan = planRollout(aRollout(2), running(), at(5));
    expect(plan.actions).toHaveLength(1);
    expect(plan.actions[0]).toMatchObject({
      kind: "start",
      unit: web(1),
      exists: true,
      value: {
        generation: 2,
        hash: "c".repeat(64),
        target: "launched",
        environment: { IMAGE: "registry.lab:5000/web:1.2.0" },
        origin: { kind: "replica", service: "web", index: 1, release: 2 },
      },
      entry: {
        machine: machineId(1),
        entry: { generation: 2, release: 2, target: { kind: "launched" } },
        expects: running().entries.find((entry) => entry.unit === web(1))?.modRevision,
      },
    });
    expect(plan.rollout.steps.map((step) => step.state)).toEqual(["updating", "pending", "pending"]);
    expect(plan.wakeAt).toBe(at(35));
  });

  test("gives a replica that runs the very image and file, and does well, the number alone: nothing is restarted", () => {
    const same = { hash: "c".repeat(64) as Sha256, environment: { IMAGE: "registry.lab:5000/web:1.2.0" } };
    const units = [...running().units].map(
      ([name, known]) => [name, { ...known, unit: { ...known.unit, ...same } }] as const,
    );
    const view = settleDown(
      aView(
        [...running().machines.values()],
        units.map(([, unit]) => unit),
      ),
      at(0),
    );
    const generationOf = (known: ClusterView) => known.units.get(web(1))?.unit.generation;
    const plan = planRollout(aRollout(2), view, at(5));
    expect(plan.actions[0]).toMatchObject({ value: { generation: generationOf(view), origin: { release: 2 } } });
    expect(plan.actions[0]).toMatchObject({ entry: { entry: { generation: generationOf(view), release: 2 } } });

    const sick = withState(view, web(1), { health: "failing" });
    expect(planRollout(aRollout(2), sick, at(5)).actions[0]).toMatchObject({
      value: { generation: (generationOf(view) ?? 0) + 1 },
    });
  });

  test("leaves the schedule with nothing to add: unit and entry agree", () => {
    const plan = planRollout(aRollout(2), running(), at(5));
    expect(planSchedule(applyRollout(running(), plan), at(5)).steps).toEqual([]);
  });

  test("starts all replicas of a first deploy at once, and says why", () => {
    const plan = planRollout(aRollout(1), aView([aMachine(1)]), at(0));
    expect(plan.actions.map((action) => [action.kind, action.unit])).toEqual([
      ["start", web(1)],
      ["start", web(2)],
      ["start", web(3)],
    ]);
    expect(plan.rollout.reason.text).toContain("nothing runs yet that could be harmed");
  });

  test("is the same object while there is only waiting to do", () => {
    const { view, rollout } = underWay("starting");
    expect(planRollout(rollout, view, at(2)).rollout).toBe(rollout.rollout);
  });

  test("goes on only after MinHealthySec of health without a break", () => {
    const { view, rollout } = underWay("well");
    const seen = planRollout(rollout, view, at(2));
    expect(seen.rollout.steps[0]?.healthySince).toBe(at(2));
    expect(seen.wakeAt).toBe(at(12));
    const flapped = planRollout(
      { ...rollout, rollout: seen.rollout },
      withState(view, web(1), { health: "failing" }),
      at(8),
    );
    expect(flapped.rollout.steps[0]?.healthySince).toBeNull();
    const again = planRollout({ ...rollout, rollout: flapped.rollout }, view, at(9));
    expect(planRollout({ ...rollout, rollout: again.rollout }, view, at(18.9)).actions).toEqual([]);
    expect(
      planRollout({ ...rollout, rollout: again.rollout }, view, at(19)).actions.map((action) => [
        action.kind,
        action.unit,
      ]),
    ).toEqual([
      ["healthy", web(1)],
      ["start", web(2)],
    ]);
  });

  test("counts a restart that happened between two reports as a break", () => {
    const { view, rollout } = underWay("well");
    const seen = planRollout(rollout, view, at(2));
    const restarted = withState(view, web(1), { since: at(7), restarts: 1 });
    const later = planRollout({ ...rollout, rollout: seen.rollout }, restarted, at(12));
    expect(later.actions).toEqual([]);
    expect(later.rollout.steps[0]?.healthySince).toBe(at(7));
  });

  test("does not take the old copy for the new one", () => {
    const before = aRollout(2);
    const plan = planRollout(before, running(), at(0));
    const untouched = applyRollout(running(), plan);
    const next = planRollout({ ...before, rollout: plan.rollout }, untouched, at(29));
    expect(next.rollout).toBe(plan.rollout);
    expect(planRollout({ ...before, rollout: plan.rollout }, untouched, at(30)).rollout.reason.text).toContain(
      "the old copy is still there (active/running)",
    );
  });

  test("does not believe a machine that calls the old release by the new generation", () => {
    const { view, rollout } = underWay("well");
    const seen = planRollout(rollout, withState(view, web(1), { release: 1 }), at(2));
    expect(seen.rollout.steps[0]?.healthySince).toBeNull();
  });

  test.each<[string, Partial<UnitState>, number, string, string]>([
    [
      "a failed unit fails it at once",
      { active: "failed", sub: "failed", result: "exit-code", healthDetail: "connection refused" },
      2,
      "ROLLOUT_UNHEALTHY",
      "web@1.service on m1 failed: result exit-code, connection refused; stopped after 0 of 3",
    ],
    [
      "so does what systemd refuses",
      { active: "inactive", problem: { code: "SYSTEMD_REFUSED", message: "bad unit file" } },
      2,
      "ROLLOUT_UNHEALTHY",
      "web@1.service on m1: bad unit file; stopped after 0 of 3",
    ],
    [
      "a sick one fails it at the healthy deadline",
      { health: "failing", healthDetail: "503" },
      30,
      "ROLLOUT_UNHEALTHY",
      "web@1.service on m1 was not healthy within 30 s: health failing: 503; stopped after 0 of 3",
    ],
    [
      "one that restarts in a ring too",
      { active: "activating", sub: "auto-restart", restarts: 7 },
      30,
      "ROLLOUT_UNHEALTHY",
      "web@1.service on m1 was not healthy within 30 s: activating/auto-restart, 7 restarts; stopped after 0 of 3",
    ],
  ])("%s", (_, state, ...[seconds, code, text]) => {
    const { view, rollout } = underWay("starting");
    const plan = planRollout(rollout, withState(view, web(1), state), at(seconds));
    expect(plan.rollout).toMatchObject({ state: "failed", reason: { code, text }, endedAt: at(seconds) });
    expect(plan.actions.map((action) => [action.kind, action.unit])).toEqual([["fail", web(1)]]);
    expect(planRollout({ ...rollout, rollout: plan.rollout }, view, at(500))).toEqual({
      actions: [],
      rollout: plan.rollout,
      wakeAt: null,
    });
  });

  test("names the refusals when a replica finds no machine", () => {
    const before = aRollout(1, { replicas: 1 });
    const started = planRollout(before, aView([aMachine(1, { cordoned: true })]), at(0));
    const view = applyRollout(aView([aMachine(1, { cordoned: true })]), started);
    const placed = applySteps(view, planSchedule(view, at(0)).steps);
    expect(planRollout({ ...before, rollout: started.rollout }, placed, at(30)).rollout.reason.text).toBe(
      "web@1.service (on no machine) was not healthy within 30 s: the only machine refuses it; m1 is cordoned; stopped after 0 of 1",
    );
  });

  test("ends at the progress deadline when nothing gets on", () => {
    const { view, rollout } = underWay("starting", { healthyDeadlineSeconds: 1000 });
    expect(planRollout(rollout, view, at(119)).rollout.state).toBe("running");
    expect(planRollout(rollout, view, at(119)).wakeAt).toBe(at(120));
    expect(planRollout(rollout, view, at(120)).rollout).toMatchObject({
      state: "failed",
      reason: {
        code: "ROLLOUT_DEADLINE",
        text: "no progress for 120 s, waiting for web@1.service; stopped after 0 of 3",
      },
    });
  });

  test("starts no further replica while one that was healthy has broken late", () => {
    const { view, rollout } = underWay("well");
    const seen = planRollout(rollout, view, at(2));
    const healthy = planRollout({ ...rollout, rollout: seen.rollout }, view, at(12));
    const broken = {
      ...healthy.rollout,
      steps: healthy.rollout.steps.map((step) =>
        step.unit === web(2) ? { ...step, state: "pending" as const } : step,
      ),
    };
    expect(
      planRollout({ ...rollout, rollout: broken }, withState(view, web(1), { health: "failing" }), at(13)).actions,
    ).toEqual([]);
    expect(planRollout({ ...rollout, rollout: broken }, view, at(13)).actions.map((action) => action.kind)).toEqual([
      "start",
    ]);
  });

  test("retires surplus replicas in portions, highest first, and only when all that are wanted are well", () => {
    const units = Array.from({ length: 40 }, (_, index) =>
      aReplica(`web@${index + 1}.service`, 1, { incarnation: index + 1 }),
    );
    const calm = settleDown(aView([aMachine(1)], [...units, aUnit("other@99.service", { incarnation: 99 })]), at(0));
    const before = aRollout(2, { replicas: 1 });
    const rollout = {
      ...before,
      rollout: {
        ...before.rollout,
        steps: before.rollout.steps.map((step) => ({ ...step, state: "healthy" as const })),
      },
    };
    const plan = planRollout(rollout, calm, at(1));
    expect(plan.rollout.state).toBe("running");
    expect(plan.actions.map((action) => action.unit)).toEqual(
      Array.from({ length: 16 }, (_, index) => web(40 - index)),
    );
    const rest = planRollout(
      rollout,
      applyRollout(applyRollout(calm, plan), planRollout(rollout, applyRollout(calm, plan), at(1))),
      at(1),
    );
    expect(rest.actions.map((action) => action.unit)).toEqual(Array.from({ length: 7 }, (_, index) => web(8 - index)));
    expect(rest.rollout.state).toBe("done");
  });
});

test("property: whatever the replicas do, never more than MaxParallel are touched before they are healthy, and a sick release never gets further", () => {
  const behaviour = fc.constantFrom<Behaviour>("well", "starting", "sick", "failed");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.array(behaviour, { minLength: 3, maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 30 }),
      (maxParallel, behaviours, waits) => {
        const first = aRollout(2, { maxParallel });
        let rollout = first.rollout;
        let view = running();
        let seconds = 0;
        for (const wait of waits) {
          seconds += wait;
          const plan = planRollout({ ...first, rollout }, view, at(seconds));
          const unproven = plan.rollout.steps.filter((step) => step.state === "updating" || step.state === "failed");
          expect(unproven.length).toBeLessThanOrEqual(maxParallel);
          expect(plan.rollout.state === "done").toBe(
            plan.rollout.state !== "failed" && plan.rollout.steps.every((step) => step.state === "healthy"),
          );
          if (plan.rollout.state === "running") expect(plan.wakeAt !== null && plan.wakeAt > at(seconds)).toBe(true);
          view = applyRollout(view, plan);
          rollout = plan.rollout;
          for (const index of [1, 2, 3]) {
            view = actAsAgent(view, machineId(index), {
              now: at(seconds),
              behaviourOf: (unit) => behaviours[Number(/@(\d)/.exec(unit)?.[1]) - 1] ?? "well",
            });
          }
        }
        const spoiled = rollout.steps.filter((step, index) => behaviours[index] !== "well" && step.state !== "pending");
        expect(spoiled.length).toBeLessThanOrEqual(maxParallel);
      },
    ),
    { numRuns: RUNS },
  );
});
