import { parseArgs } from "node:util";
import { CodedError } from "@quarterdeck/model";

/** In the order in which they run. */
export const BENCHMARKS = ["planner", "etcd"] as const;

export type BenchmarkName = (typeof BENCHMARKS)[number];

/** Rounds that count, of each race; an odd number, so that the median is a round. */
const ROUNDS = 15;

export type Choice = {
  readonly help: boolean;
  readonly benchmarks: readonly BenchmarkName[];
  readonly asJson: boolean;
  readonly rounds: number;
};

export const USAGE = `npm run bench [-- [planner|etcd]… [--rounds N] [-o json]]

  planner   the planner's work at growing sizes
  etcd      the etcd client beside plain etcd3, on an etcd started for it

Without a name all of them run. --rounds is how often each race of etcd is run
(${ROUNDS}, from 1 to 99). For -o json say "npm run --silent bench", else npm prints the
command before it. Progress goes to stderr.
`;

/** @throws {CodedError} USAGE */
export function readArguments(argv: readonly string[]): Choice {
  const { values, positionals } = parsed(argv);
  const unknown = positionals.find((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown !== undefined) throw usage(`there is no benchmark ${JSON.stringify(unknown)}`);
  if (values.output !== undefined && values.output !== "json")
    throw usage(`-o takes json, not ${JSON.stringify(values.output)}`);
  const rounds = values.rounds === undefined ? ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99)
    throw usage(`--rounds takes a number from 1 to 99, not ${JSON.stringify(values.rounds)}`);
  return {
    help: values.help === true,
    benchmarks: BENCHMARKS.filter((name) => positionals.length === 0 || positionals.includes(name)),
    asJson: values.output === "json",
    rounds,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        output: { type: "string", short: "o" },
        rounds: { type: "string" },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usage(error.message, error);
  }
}

function usage(message: string, cause?: unknown): CodedError {
  return new CodedError("USAGE", { message, try: "npm run bench -- --help" }, { cause });
}
