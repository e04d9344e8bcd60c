import { CodedError, ERROR_CODES, problemOf } from "@quarterdeck/model";
import { benchAgents } from "./agents/agents-bench.ts";
import { benchCommitted } from "./committed/committed-bench.ts";
import { benchEtcd } from "./etcd/etcd-bench.ts";
import { benchInLab } from "./lab/bench-in-lab.ts";
import { benchPlanner } from "./planner-bench.ts";
import { readArguments, USAGE, type BenchmarkName, type Choice } from "./read-arguments.ts";
import type { Report } from "./report.ts";

/** `npm run bench [-- [NAME…] [flags]]`. @returns the exit code, as `fleet`'s; slow is no failure */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new CodedError("CANCELLED", { message: "stopped" }));
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const choice = readArguments(argv);
    if (choice.help) {
      process.stdout.write(USAGE);
      return 0;
    }
    const found: Partial<Record<BenchmarkName, unknown>> = {};
    for (const name of choice.benchmarks) {
      const { text, json } = await run(name, choice, stop.signal);
      found[name] = json;
      if (!choice.asJson) process.stdout.write(`${text}\n`);
    }
    if (choice.asJson) process.stdout.write(`${JSON.stringify(found)}\n`);
    return 0;
  } catch (error) {
    const problem = problemOf(error);
    const hint = problem.try === undefined ? "" : `try: ${problem.try}\n`;
    process.stderr.write(`error[${problem.code}]: ${problem.message}\n${hint}`);
    return ERROR_CODES[problem.code].exitCode;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function run(name: BenchmarkName, { rounds, agents, units }: Choice, signal: AbortSignal): Promise<Report> {
  switch (name) {
    case "planner":
      return benchPlanner();
    case "committed":
      return benchCommitted(signal);
    case "agents":
      return benchAgents({ agents, units }, signal);
    case "etcd":
      return benchEtcd({ rounds }, signal);
    case "start":
    case "idle":
      return benchInLab(name, signal);
  }
}
