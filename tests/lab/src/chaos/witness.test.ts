import { describe, expect, test } from "vitest";
import type { Observation } from "./observation.ts";
import { Witness } from "./witness.ts";

const UNIT = "a.service";
const LIMITS = { downMs: 60_000, overlapMs: 30_000, settleMs: 20_000 };
const witness = (): Witness => new Witness({ movable: [UNIT], bound: [] }, LIMITS);

/** `m1: "x"`: active there since invocation x; null: not active; undefined: cannot be asked. */
const look = (atMs: number, where: Readonly<Record<string, string | null | undefined>>): Observation => ({
  atMs,
  machines: Object.entries(where).map(([name, invocation]) => ({
    name,
    state: invocation === undefined ? "off" : "running",
    active: invocation === undefined ? null : new Map(invocation === null ? [] : [[UNIT, invocation]]),
  })),
});

const said = ({ violations }: Witness): readonly string[] => violations.map(({ what }) => what);

test("a unit that stays where it is is what is promised", () => {
  const calm = witness();
  for (const atMs of [0, 1_000, 100_000, 200_000]) calm.see(look(atMs, { m1: "x", m2: null }));
  expect(said(calm)).toEqual([]);
  expect(calm.looks).toBe(4);
});

describe("on a machine that nothing befell", () => {
  test.each([
    { what: "stopped", now: null },
    { what: "started anew", now: "y" },
  ])("a unit must not be $what", ({ what, now }) => {
    const broken = witness();
    broken.see(look(0, { m1: "x", m2: null }));
    broken.see(look(1_000, { m1: now, m2: now === null ? "z" : null }));
    expect(said(broken)).toEqual([`${UNIT} was ${what} on m1, which nothing befell`]);
  });

  test("the one of two copies may go, but not be started anew", () => {
    const ordered = witness();
    ordered.see(look(0, { m1: "x", m2: "y" }));
    ordered.see(look(1_000, { m1: null, m2: "y" }));
    expect(said(ordered)).toEqual([]);
    ordered.see(look(2_000, { m1: null, m2: "z" }));
    expect(said(ordered)).toHaveLength(1);
  });

  test("what befell another one is no excuse", () => {
    const other = witness();
    other.trouble(["m2"]);
    other.see(look(0, { m1: "x", m2: null }));
    other.see(look(1_000, { m1: null, m2: "y" }));
    expect(said(other)).toHaveLength(1);
  });
});

test("what a fault did to a machine's units may show until it has settled, and no longer", () => {
  const troubled = witness();
  const isOver = troubled.trouble(["m1"]);
  troubled.see(look(0, { m1: "x", m2: null }));
  troubled.see(look(1_000, { m1: undefined, m2: null }));
  troubled.see(look(12_000, { m1: undefined, m2: "y" }));
  isOver(13_000);
  troubled.see(look(14_000, { m1: "z", m2: "y" }));
  troubled.see(look(15_000, { m1: "started anew", m2: "y" }));
  troubled.see(look(16_000, { m1: null, m2: "y" }));
  expect(said(troubled)).toEqual([]);
  troubled.see(look(34_000, { m1: "w", m2: "y" }));
  troubled.see(look(35_000, { m1: "v", m2: "y" }));
  expect(said(troubled)).toEqual([`${UNIT} was started anew on m1, which nothing befell`]);
});

test("a unit must not run nowhere for longer than it takes to move it", () => {
  const down = witness();
  down.trouble(["m1"]);
  down.see(look(0, { m1: undefined, m2: null }));
  down.see(look(60_000, { m1: undefined, m2: null }));
  expect(said(down)).toEqual([]);
  down.see(look(61_000, { m1: undefined, m2: null }));
  expect(said(down)).toEqual([`${UNIT} has run nowhere for 61.0 s`]);
  expect(down.longestDownMs.get(UNIT)).toBe(61_000);
});

test("time without a quorum does not count, for nobody could decide anything", () => {
  const split = witness();
  const isOver = split.trouble(["m1", "m2"]);
  split.see(look(0, { m1: null, m2: null }));
  split.see(look(100_000, { m1: null, m2: null }));
  isOver(100_000);
  split.see(look(160_000, { m1: null, m2: null }));
  expect(said(split)).toEqual([]);
  split.see(look(161_000, { m1: null, m2: null }));
  expect(said(split)).toHaveLength(1);
});

test("two copies must not stay side by side once all machines are well", () => {
  const twice = witness();
  const isOver = twice.trouble(["m1"]);
  twice.see(look(0, { m1: "x", m2: "y" }));
  twice.see(look(90_000, { m1: "x", m2: "y" }));
  isOver(90_000);
  twice.see(look(91_000, { m1: "x", m2: "y" }));
  twice.see(look(121_000, { m1: "x", m2: "y" }));
  expect(said(twice)).toEqual([]);
  twice.see(look(122_000, { m1: "x", m2: "y" }));
  expect(said(twice)).toEqual([`${UNIT} has run on m1 and m2 for 31.0 s, with all machines well`]);
});
