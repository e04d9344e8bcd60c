import type { OwnFigure } from "./etcds-own.ts";
import type { Ground } from "./ground.ts";
import { WARM_UP_ROUNDS, type Result } from "./race.ts";
import type { Spread } from "./spread.ts";

/** Ours may cost that much more than etcd3, and no more. */
const MOST_COST = 1.1;

export type EtcdFindings = {
  readonly ground: Ground;
  readonly rounds: number;
  readonly results: readonly Result[];
  /** What becomes of etcd3's own way to read the snapshot's keys. */
  readonly limit: string;
  readonly own: readonly OwnFigure[];
};

/** For people, in 80 columns. */
export function renderEtcdReport({ ground, rounds, results, limit, own }: EtcdFindings): string {
  const disk = ground.inMemory ? "in memory (fsync costs nothing there)" : "on disk with fsync";
  return [
    `etcd ${ground.etcd}, its data ${disk}; Node ${ground.node}`,
    `${ground.cores} cores, ${ground.memoryGiB} GiB; ${rounds} rounds, in turn, after ${WARM_UP_ROUNDS} that do not count`,
    "Each figure: median (least to most). Cost is ours beside theirs, round by",
    "round: below 1.00 ours is faster.",
    "",
    row("", "ours", "theirs", "cost"),
    ...results.flatMap((result, index) => rowsOf(result, results[index - 1])),
    "",
    ...wrapped(`etcd3's getAll().prefix() as it comes, on the snapshot's keys, ${limit}`),
    ...own.flatMap(({ tool, said }) => wrapped(`etcd's own ${tool}: ${said}`)),
    "",
    ...verdict(results),
    "",
  ].join("\n");
}

/** Which of the medians are outside of "no more than 10 % slower than etcd3". */
export function verdict(results: readonly Result[]): readonly string[] {
  const outside = results.filter(({ cost }) => !(cost.median <= MOST_COST));
  if (outside.length === 0) return ["Ours is nowhere more than 10 % slower."];
  return [
    "More than 10 % slower:",
    ...outside.map(
      ({ title, rival, metric, cost }) => `  ${title}, ${metric.name}: ${cost.median.toFixed(2)} of ${rival}`,
    ),
  ];
}

function rowsOf({ title, rival, metric, ours, theirs, cost }: Result, before: Result | undefined): readonly string[] {
  const head = before?.title === title && before.rival === rival ? [] : [`${title}, beside ${rival}`];
  const ratio = `${cost.median.toFixed(2)} (${cost.min.toFixed(2)}-${cost.max.toFixed(2)})`;
  return [...head, row(`  ${metric.name}`, shown(ours), shown(theirs), ratio)];
}

const row = (...[name, ours, theirs, cost]: readonly [string, string, string, string]): string =>
  `${name.padEnd(21)}${ours.padStart(20)}${theirs.padStart(20)}${cost.padStart(19)}`;

function shown({ median, min, max }: Spread): string {
  const digits = median < 10 ? 2 : median < 100 ? 1 : 0;
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** Lines of at most 80 columns, the further ones indented. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > 80) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
