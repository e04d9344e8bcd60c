import { setTimeout as delay } from "node:timers/promises";
import {
  outputOf,
  parseWords,
  problemView,
  runApproachCall,
  runCall,
  runLocalCall,
  type Call,
  type CommandUpdate,
} from "@quarterdeck/commands";
import { problemOf } from "@quarterdeck/model";
import { createPrinter, type Printer } from "./printer.ts";
import { readUnitFile } from "./read-unit-file.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/** Runs `fleet` with the words after its name; the exit code is one of docs/reference/cli.md, or 130 after Ctrl-C. */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    const exitCode = await runFleet(argv, processTerminal(), interrupted.signal);
    // A connection that hangs in its handshake cannot be taken back and would keep the process: nobody waits for it. Written is
    // written by now, and where nothing hangs the process has ended before.
    setTimeout(() => process.exit(exitCode), GOODBYE_MS).unref();
    return exitCode;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** `fleet` on any terminal: what tests call. */
export async function runFleet(argv: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const printer = createPrinter(terminal, outputOf(argv));
  try {
    const parsed = await parseWords(argv, "terminal");
    if (!parsed.ok) return printer.finish(problemView(parsed.error, null));
    if (parsed.value.runLocally !== null) {
      const files = { readUnitFile: (path: string) => readUnitFile(terminal.workingDirectory, path) };
      return await print(runLocalCall(parsed.value.runLocally, files), printer);
    }
    const { flags, runOnApproach } = parsed.value;
    if (runOnApproach === null) return await runOnCluster(parsed.value, { terminal, printer }, signal);
    const { readApproach } = await import("./read-approach.ts");
    const approach = await readApproach({ contextName: flags.context ?? null, terminal });
    return await print(runApproachCall(runOnApproach, approach, signal), printer);
  } catch (error) {
    printer.clear();
    if (signal.aborted) return INTERRUPTED;
    return printer.finish(problemView(problemOf(error), null));
  }
}

/** 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

const GOODBYE_MS = 300;

type Out = { readonly terminal: Terminal; readonly printer: Printer };

async function runOnCluster(call: Call, { terminal, printer }: Out, signal: AbortSignal): Promise<number> {
  // Loaded only now: help and wrong words need not wait for etcd's client.
  const { openCluster } = await import("./open-cluster.ts");
  // Whatever still asks when the answer is printed (the second of two reads, when the first has failed) is told to stop.
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  const cluster = await openCluster({ contextName: call.flags.context ?? null, terminal }, until);
  try {
    return await print(runCall(call, cluster.context, until), printer);
  } finally {
    over.abort();
    // A cluster that does not answer may not hear the good-bye either; nobody waits for that.
    await Promise.race([cluster[Symbol.asyncDispose](), delay(GOODBYE_MS, undefined, { ref: false })]);
  }
}

async function print(updates: AsyncIterable<CommandUpdate>, printer: Printer): Promise<number> {
  let exitCode = 1;
  for await (const update of updates) {
    switch (update.kind) {
      case "progress":
        printer.progress(update.view);
        break;
      case "lines":
        printer.lines(update.lines);
        break;
      case "done":
        exitCode = printer.finish(update.view);
        break;
    }
  }
  return exitCode;
}
