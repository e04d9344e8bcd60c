import type { MachineId } from "@quarterdeck/model";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { planReboot } from "./plan-reboot.ts";
import { aMachine, at, aUnit, aView, machineId, NO_OPTIONS } from "./testing/build-view.ts";
import { OVERDUE_SECONDS, RebootWorld } from "./testing/reboot-world.ts";

const RUNS = { numRuns: 200 };
// A limit by the work and not by the clock: at a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS.numRuns * 1_000 });

const GROUPS = ["etcd", "workers"] as const;

type Event =
  | { readonly kind: "ask"; readonly machine: MachineId; readonly group: string }
  | { readonly kind: "steady" | "lose" | "boot" | "uncordon" | "cordon"; readonly machine: MachineId }
  | { readonly kind: "pass" | "rest" | "later" }
  | { readonly kind: "fail"; readonly fails: boolean };

const someMachine = fc.integer({ min: 1, max: 5 }).map(machineId);
const someEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("ask" as const), machine: someMachine, group: fc.constantFrom(...GROUPS) }),
  fc.record({ kind: fc.constant("ask" as const), machine: someMachine, group: fc.constantFrom(...GROUPS) }),
  fc.record({
    kind: fc.constantFrom("steady" as const, "lose", "boot", "boot", "boot", "cordon", "uncordon"),
    machine: someMachine,
  }),
  fc.record({ kind: fc.constantFrom("pass" as const, "pass", "rest", "rest", "later") }),
  fc.record({ kind: fc.constant("fail" as const), fails: fc.boolean() }),
);

const someCase = fc.record({
  slots: fc.constantFrom(1, 1, 2),
  etcd: fc.uniqueArray(someMachine, { maxLength: 3 }),
  events: fc.array(someEvent, { minLength: 10, maxLength: 60, size: "max" }),
});
type Case = typeof someCase extends fc.Arbitrary<infer Value> ? Value : never;

/** Five machines with units of every kind that matters here: that can move, that cannot, and that are everywhere. */
function worldOf({ slots, etcd }: Case): RebootWorld {
  const machines = [1, 2, 3, 4, 5].map((index) => aMachine(index));
  const world = new RebootWorld(
    aView(machines, [
      aUnit("a.service", { incarnation: 1 }),
      aUnit("b.service", { incarnation: 2 }),
      aUnit("one.service", { incarnation: 3, options: { ...NO_OPTIONS, singleton: true } }),
      aUnit("pinned.service", { incarnation: 4, options: { ...NO_OPTIONS, machineId: machineId(2) } }),
      aUnit("everywhere.service", { incarnation: 5, options: { ...NO_OPTIONS, global: true } }),
    ]),
  );
  world.slots = slots;
  world.etcd = { machines: new Set(etcd), unhealthy: [] };
  world.rest();
  return world;
}

function play(world: RebootWorld, event: Event): void {
  world.seconds += 1;
  switch (event.kind) {
    case "ask":
      // A machine is in one group at most: the engine refuses the second.
      if (GROUPS.every((name) => !isIn(world, name, event.machine))) world.ask(event.machine, event.group);
      return;
    case "steady":
      for (const name of GROUPS) if (isIn(world, name, event.machine)) world.steady(event.machine, name);
      return;
    case "lose":
      return world.leave(event.machine, true);
    case "boot":
      return world.boot(event.machine);
    case "cordon":
    case "uncordon":
      return world.change(event.machine, { cordoned: event.kind === "cordon" });
    case "fail":
      world.behaviourOf = () => (event.fails ? "failed" : "well");
      return;
    case "later":
      world.seconds += OVERDUE_SECONDS;
      return;
    case "pass":
      world.pass();
      return;
    case "rest":
      return world.rest();
  }
}

const isIn = (world: RebootWorld, name: string, machine: MachineId): boolean =>
  [...world.group(name).holders, ...world.group(name).waiting].some((asker) => asker.machine === machine);

function always(check: (world: RebootWorld) => void, atEnd: (world: RebootWorld, given: Case) => void = check): void {
  fc.assert(
    fc.property(someCase, (given) => {
      const world = worldOf(given);
      for (const event of given.events) {
        play(world, event);
        check(world);
      }
      atEnd(world, given);
    }),
    RUNS,
  );
}

test("fleet #1232: never do more machines of a group hold a slot than it has, and never one machine two", () => {
  always((world) => {
    const holders = GROUPS.flatMap((name) => {
      expect(world.group(name).holders.length).toBeLessThanOrEqual(world.slots);
      return world.group(name).holders.map(({ machine }) => machine);
    });
    expect(new Set(holders).size).toBe(holders.length);
  });
});

test("fleet #1232: of the machines that etcd lives on never two may reboot at once", () => {
  always((world) => {
    const rebooting = GROUPS.flatMap((name) => world.group(name).holders).filter(
      ({ phase, machine }) => phase === "rebooting" && world.etcd.machines.has(machine),
    );
    expect(rebooting.length).toBeLessThanOrEqual(1);
  });
});

test("whoever is let go was drained to the end, whatever came in between", () => {
  always((world) => {
    for (const step of world.steps.splice(0).filter(({ kind }) => kind === "grant")) {
      const holder = step.after.holders.find(({ machine }) => machine === step.machine);
      const relocation = world.relocations.get(holder?.relocation ?? "");
      expect(relocation).toMatchObject({ kind: "drain", machine: step.machine, state: "done" });
    }
  });
});

test("a slot is taken by whoever of those that are there asked first, of two at one instant by the smaller id", () => {
  always((world) => {
    for (const name of GROUPS) {
      const { waiting } = world.group(name);
      const present = waiting.filter(({ machine }) => world.view.machines.get(machine)?.presence.kind === "present");
      const [first] = present.toSorted((left, right) =>
        `${left.askedAt} ${left.machine}` < `${right.askedAt} ${right.machine}` ? -1 : 1,
      );
      const { step } = planReboot(world.rebootView(), at(world.seconds));
      if (step?.kind === "take" && step.group === name) expect(step.machine).toBe(first?.machine);
    }
  });
});

test("the same view plans nothing a second time: a plan that only says why changes nothing more", () => {
  always((world) => {
    for (let step = 0; step < 20; step += 1) if (world.pass() === null) break;
    expect(planReboot(world.rebootView(), at(world.seconds)).step).toBeNull();
  });
});

test("fleet #1232: no deadlock: once every machine is back and well, each that asked gets its turn, and no cordon is left behind", () => {
  always(
    () => {},
    (world, given) => {
      const asked = GROUPS.flatMap((name) =>
        [...world.group(name).holders, ...world.group(name).waiting].map(({ machine }) => machine),
      );
      world.behaviourOf = () => "well";
      for (const { machine } of world.view.machines.values()) world.boot(machine);
      for (let round = 0; round < 4 * asked.length + 4; round += 1) {
        world.seconds += 601;
        world.rest();
        for (const name of GROUPS) {
          for (const { machine, phase } of world.group(name).holders) {
            if (phase !== "rebooting") continue;
            world.leave(machine, true);
            world.boot(machine);
            world.steady(machine, name);
          }
        }
      }
      for (const name of GROUPS) expect(world.group(name)).toMatchObject({ holders: [], waiting: [] });
      const cordoned = [...world.view.machines.values()].filter((machine) => machine.cordoned);
      if (!given.events.some(({ kind }) => kind === "cordon")) expect(cordoned).toEqual([]);
    },
  );
});
