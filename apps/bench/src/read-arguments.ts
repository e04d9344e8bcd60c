import { parseArgs } from "node:util";
import { CodedError } from "@quarterdeck/model";

/** In the order in which they run. */
export const BENCHMARKS = ["planner", "committed", "agents", "etcd", "start", "idle"] as const;

export type BenchmarkName = (typeof BENCHMARKS)[number];

/** Rounds that count, of each race; an odd number, so that the median is a round. */
const ROUNDS = 15;
const AGENTS = 200;
const UNITS = 1_000;

export type Choice = {
  readonly help: boolean;
  readonly benchmarks: readonly BenchmarkName[];
  readonly asJson: boolean;
  readonly rounds: number;
  /** Of the simulator. */
  readonly agents: number;
  readonly units: number;
};

export const USAGE = `npm run bench [-- [NAME…] [--rounds N] [--agents N] [--units N] [-o json]]

  planner    the planner's work at growing sizes
  committed  placements that the engine commits to three members of etcd
  agents     simulated agents on a real etcd with a real engine
  etcd       the etcd client beside plain etcd3, on an etcd started for it
  start      from a start to active, of one unit and of 100, in a lab of its own
  idle       what an agent with 100 and 500 units costs, in a lab of its own

Without a name all of them run. --rounds is how often each race of etcd is run
(${ROUNDS}, from 1 to 99); --agents (${AGENTS}) and --units (${UNITS}) are the largest
size of agents, a quarter and half of it come first. For -o json say "npm run
--silent bench", else npm prints the command before it. Progress goes to stderr.
`;

/** @throws {CodedError} USAGE */
export function readArguments(argv: readonly string[]): Choice {
  const { values, positionals } = parsed(argv);
  const unknown = positionals.find((name) => !BENCHMARKS.some((known) => known === name));
  if (unknown !== undefined) throw usage(`there is no benchmark ${JSON.stringify(unknown)}`);
  if (values.output !== undefined && values.output !== "json")
    throw usage(`-o takes json, not ${JSON.stringify(values.output)}`);
  return {
    help: values.help === true,
    benchmarks: BENCHMARKS.filter((name) => positionals.length === 0 || positionals.includes(name)),
    asJson: values.output === "json",
    rounds: readNumber("--rounds", values.rounds ?? String(ROUNDS), [1, 99]),
    agents: readNumber("--agents", values.agents ?? String(AGENTS), [4, 5_000]),
    units: readNumber("--units", values.units ?? String(UNITS), [4, 100_000]),
  };
}

function readNumber(flag: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`${flag} takes a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
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
        agents: { type: "string" },
        units: { type: "string" },
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
