import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { SimulatedBoot } from "./simulated-boot.ts";

const names = ["etcd-a", "etcd-b", "etcd-c"];
const places = fc.nat(names.length - 1);

const events = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("step" as const), place: places }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("dying-step" as const),
      place: places,
      when: fc.constantFrom("before", "after"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("crash", "lose-disk", "spare-disk", "remove"), place: places }),
  },
);
type Event = typeof events extends fc.Arbitrary<infer Value> ? Value : never;

function happen(world: SimulatedBoot, event: Event): void {
  switch (event.kind) {
    case "step":
      return void world.step(event.place);
    case "dying-step":
      return void world.step(event.place, event.when as "before" | "after");
    case "crash":
      return world.crash(event.place);
    case "lose-disk":
      return world.loseDisk(event.place);
    case "spare-disk":
      if (world.canSpare(event.place)) world.loseDisk(event.place);
      return;
    case "remove":
      if (world.canSpare(event.place)) world.remove(event.place);
      return;
  }
}

/** Lets everybody go on, in turn, without faults. */
function settle(world: SimulatedBoot): void {
  for (let round = 0; round < 40 && !world.isWhole(); round += 1) for (const place of names.keys()) world.step(place);
}

const gentle = events.filter(({ kind }) => kind !== "lose-disk");

describe("whatever dies, and whenever", () => {
  test.prop([fc.array(events, { maxLength: 120 })], { numRuns: 300 })(
    "no id ever runs on two disks, nobody is listed twice, and only one learner at a time",
    (story) => {
      const world = new SimulatedBoot(names);
      for (const event of story) happen(world, event);
      settle(world);
      expect(world.violations, world.steps.join("\n")).toEqual([]);
    },
  );

  test.prop([fc.array(gentle, { maxLength: 120 })], { numRuns: 300 })(
    "all members vote in the end, unless more disks were lost at once than a majority can spare",
    (story) => {
      const world = new SimulatedBoot(names);
      for (const event of story) happen(world, event);
      settle(world);
      expect({ whole: world.isWhole(), violations: world.violations }, world.steps.slice(-12).join("\n")).toEqual({
        whole: true,
        violations: [],
      });
    },
  );

  test.prop([fc.array(events, { maxLength: 60 })], { numRuns: 100 })(
    "a cluster that has run is never bootstrapped anew: with all disks lost everybody waits",
    (story) => {
      const world = new SimulatedBoot(names);
      settle(world);
      for (const event of story) happen(world, event);
      for (const place of names.keys()) world.loseDisk(place);
      world.steps.length = 0;
      settle(world);
      expect(world.violations).toEqual([]);
      expect(world.steps.filter((step) => !step.endsWith("wait NO_MAJORITY"))).toEqual([]);
      expect(world.isWhole()).toBe(false);
    },
  );
});
