import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { spreadOf, type Spread } from "./spread.ts";

/** One figure of a race. */
export type Metric = { readonly name: string; readonly better: "less" | "more" };

/** The same work done by two clients; each answers one figure a metric, in their order. */
export type Race = {
  readonly title: string;
  /** Whom ours is compared with. */
  readonly rival: string;
  readonly metrics: readonly Metric[];
  readonly ours: () => Promise<readonly number[]>;
  readonly theirs: () => Promise<readonly number[]>;
};

export type Result = {
  readonly title: string;
  readonly rival: string;
  readonly metric: Metric;
  readonly ours: Spread;
  readonly theirs: Spread;
  /** What ours costs beside theirs, round by round: below 1 ours is faster, whichever way the metric counts. */
  readonly cost: Spread;
};

/** Rounds that do not count: the engine compiles what is used often, and the server's caches fill. */
export const WARM_UP_ROUNDS = 3;

/**
 * Runs both in turn in the same minute, after {@link WARM_UP_ROUNDS} of each; who begins changes from round to round, and what one left
 * to the garbage collector is not paid by the other.
 */
export async function runRace(
  race: Race,
  rounds: number,
  onRound: (round: number) => void,
): Promise<readonly Result[]> {
  const ours: (readonly number[])[] = [];
  const theirs: (readonly number[])[] = [];
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
    onRound(round);
    const sides = [
      { run: race.ours, into: ours },
      { run: race.theirs, into: theirs },
    ];
    for (const { run, into } of round % 2 === 0 ? sides : sides.toReversed()) {
      collectGarbage();
      const figures = await run();
      if (round > 0) into.push(figures);
    }
  }
  return race.metrics.map((metric, index) => {
    const figuresOf = (side: readonly (readonly number[])[]) => side.map((figures) => figures[index] ?? Number.NaN);
    const [mine, others] = [figuresOf(ours), figuresOf(theirs)];
    const costs = mine.map((figure, round) => costOf(metric, figure, others[round] ?? Number.NaN));
    const { title, rival } = race;
    return { title, rival, metric, ours: spreadOf(mine), theirs: spreadOf(others), cost: spreadOf(costs) };
  });
}

const costOf = ({ better }: Metric, ours: number, theirs: number): number =>
  better === "less" ? ours / theirs : theirs / ours;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
