import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { FAULTS, type Fault, type FaultKind } from "./fault.ts";

/** Numbers that are the same for the same seed; both ends are included. */
export type Dice = (least: number, most: number) => number;

/** @param seed any 32-bit number */
export function createDice(seed: number): Dice {
  const generator = xoroshiro128plus(seed);
  return (least, most) => uniformInt(generator, least, most);
}

/** The next fault, by weight; needs two machines or more. The same dice and machines give the same faults. */
export function drawFault(dice: Dice, machines: readonly string[]): Fault {
  const kinds = Object.entries(FAULTS).flatMap(([kind, { weight }]) =>
    Array.from({ length: weight }, () => kind as FaultKind),
  );
  const kind = pick(dice, kinds);
  const machine = pick(dice, machines);
  const rest = machines.filter((name) => name !== machine);
  const other = kind === "split" || kind === "cut-from" ? pick(dice, rest) : null;
  const [least, most] = FAULTS[kind].holdMs;
  return { kind, machine, other, holdMs: dice(least, most) };
}

/** @throws {RangeError} from nothing */
export function pick<Item>(dice: Dice, items: readonly Item[]): Item {
  const item = items.length === 0 ? undefined : items[dice(0, items.length - 1)];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
}
