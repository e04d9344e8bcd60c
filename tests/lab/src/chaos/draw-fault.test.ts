import { expect, test } from "vitest";
import { createDice, drawFault, pick } from "./draw-fault.ts";
import { FAULTS, nameOf, reachOf, type FaultKind } from "./fault.ts";

const MACHINES = ["m1", "m2", "m3"];
const draw = (seed: number, count: number) => {
  const dice = createDice(seed);
  return Array.from({ length: count }, () => drawFault(dice, MACHINES));
};

test("the same seed draws the same faults, another one others", () => {
  expect(draw(7, 50)).toEqual(draw(7, 50));
  expect(draw(7, 50)).not.toEqual(draw(8, 50));
});

test("every fault of the menu comes, on every machine, for as long as it may", () => {
  const drawn = draw(1, 2_000);
  expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(Object.keys(FAULTS)));
  expect(new Set(drawn.map(({ machine }) => machine))).toEqual(new Set(MACHINES));
  const wrong = drawn.filter(({ kind, machine, other, holdMs }) => {
    const [least, most] = FAULTS[kind].holdMs;
    const two = (["split", "cut-from"] as readonly FaultKind[]).includes(kind);
    return holdMs < least || holdMs > most || (other === null) === two || other === machine;
  });
  expect(wrong).toEqual([]);
});

test("a fault names its place, and reaches both machines only where it takes both away", () => {
  const fault = { machine: "m1", other: "m2", holdMs: 1_500 };
  expect(nameOf({ ...fault, kind: "split" })).toBe("split m1 and m2 for 1.5 s");
  expect(nameOf({ kind: "reboot", machine: "m1", other: null, holdMs: 0 })).toBe("reboot m1");
  expect(reachOf({ ...fault, kind: "split" })).toEqual(["m1", "m2"]);
  expect(reachOf({ ...fault, kind: "cut-from" })).toEqual(["m1"]);
});

test("of nothing nothing can be chosen", () => {
  expect(() => pick(createDice(1), [])).toThrow(RangeError);
});
