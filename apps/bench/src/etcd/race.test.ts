import { expect, test } from "vitest";
import { runRace, type Race } from "./race.ts";

const race = (order: string[], figures: { readonly ours: number[]; readonly theirs: number[] }): Race => ({
  title: "a race",
  rival: "etcd3",
  metrics: [
    { name: "ms", better: "less" },
    { name: "keys a second", better: "more" },
  ],
  ours: async () => {
    order.push("ours");
    const ms = figures.ours.shift() ?? 0;
    return [ms, 1_000 / ms];
  },
  theirs: async () => {
    order.push("theirs");
    const ms = figures.theirs.shift() ?? 0;
    return [ms, 1_000 / ms];
  },
});

test("both run in turn, the first three rounds count for nothing, and a cost is of one round", async () => {
  const order: string[] = [];
  const rounds: number[] = [];
  const turns = ["ours", "theirs", "theirs", "ours"];
  const results = await runRace(
    race(order, { ours: [99, 98, 97, 2, 3, 12], theirs: [1, 1, 1, 4, 2, 10] }),
    3,
    (round) => rounds.push(round),
  );
  expect(rounds).toEqual([-2, -1, 0, 1, 2, 3]);
  expect(order).toEqual([...turns, ...turns, ...turns]);
  expect(results[0]?.ours).toEqual({ median: 3, min: 2, max: 12 });
  expect(results[0]?.theirs).toEqual({ median: 4, min: 2, max: 10 });
  expect(results[0]?.cost).toEqual({ median: 1.2, min: 0.5, max: 1.5 });
});

test("twice the time and half the rate cost the same", async () => {
  const [time, rate] = await runRace(race([], { ours: [1, 1, 1, 2], theirs: [1, 1, 1, 1] }), 1, () => {});
  expect(time?.cost.median).toBe(2);
  expect(rate?.cost.median).toBe(2);
});
