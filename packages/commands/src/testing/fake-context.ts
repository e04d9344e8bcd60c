import { setImmediate as turn } from "node:timers/promises";
import type { EtcdClient } from "@quarterdeck/etcd";
import type { Principal } from "@quarterdeck/model";
import type { AgentReader } from "../agent-reader.ts";
import type { Clock } from "../clock.ts";
import type { CommandContext } from "../command-context.ts";
import { runCommand } from "../run-command.ts";
import type { View } from "../view.ts";

/** Time that passes as soon as nobody has anything else to do: a sleep gives way to all that is ready, then has been slept. */
function eagerClock(start = Date.UTC(2026, 10, 24)): Clock {
  let now = start;
  return {
    now: () => now,
    async sleep(ms, signal) {
      for (let turns = 0; turns < 3; turns += 1) await turn(undefined, { signal });
      now += ms;
    },
  };
}

export function fakeContext(etcd: EtcdClient, more: Partial<CommandContext> = {}): CommandContext {
  let ids = 0;
  return {
    etcd,
    principal: "operator:test" as Principal,
    slack: null,
    surface: "terminal",
    clock: eagerClock(),
    clusterCa: () => Promise.reject(new Error("this test has no authority")),
    newId: () => `request-${(ids += 1)}`,
    agent: {
      async *journal(at, { unit }) {
        yield `${unit} says hello on ${at.address}`;
      },
      status: async (at, { unit, lines }) =>
        `● ${unit} - as ${at.address} shows it\n     Active: active (running)\n\n${unit} says hello, ${lines} lines at most`,
    },
    ...more,
  };
}

export type Ran = { readonly view: View; readonly progress: readonly View[]; readonly lines: readonly string[] };

/** Runs words to their end. */
export async function run(context: CommandContext, ...words: readonly string[]): Promise<Ran> {
  const progress: View[] = [];
  const lines: string[] = [];
  for await (const update of runCommand(words, context, AbortSignal.timeout(10_000))) {
    if (update.kind === "progress") progress.push(update.view);
    else if (update.kind === "lines") lines.push(...update.lines);
    else return { view: update.view, progress, lines };
  }
  throw new Error("the command ended without a final view");
}

/** The code of the problem that a view ends with; `null` when there is none. */
export function codeOf(view: View): string | null {
  return view.blocks.flatMap((block) => (block.kind === "problem" ? [block.problem.code] : []))[0] ?? null;
}

/** Everything that a view says, as one text. */
export function textOf(view: View): string {
  return JSON.stringify(view.blocks);
}

/** An agent that answers nothing but this error. */
export function brokenAgent(error: Error): AgentReader {
  return {
    journal: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
    status: () => Promise.reject(error),
  };
}
