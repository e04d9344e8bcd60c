import type { CommandContext } from "../command-context.ts";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import type { Facts } from "../facts/facts.ts";
import type { Judge, Verdict } from "./verdict.ts";
import { withTicks } from "./with-ticks.ts";

/** `timedOut`: the change is still under way. */
export type Waited = { readonly verdict: Verdict; readonly facts: Facts; readonly timedOut: boolean };

export type WaitOptions = {
  readonly judge: Judge;
  /** `null` waits for ever. */
  readonly timeoutSeconds: number | null;
  /** Whether progress starts the time anew. */
  readonly renews: boolean;
};

/** Yields each different judgement; the last one is final: true, failed, or timed out. */
export async function* waitForFacts(
  context: CommandContext,
  options: WaitOptions,
  signal: AbortSignal,
): AsyncIterable<Waited> {
  const { clock } = context;
  await using mirror = await context.etcd.mirror(FACT_PREFIXES, signal);
  const began = clock.now();
  let since = began;
  let shown = "";
  let mark = "";
  for await (const _ of withTicks((open) => mirror.changes(open), { everyMs: TICK_MS, clock }, signal)) {
    const facts = deriveFacts(mirror);
    const verdict = options.judge(facts, clock.now() - began, clock.now());
    const text = JSON.stringify(verdict);
    const timedOut =
      verdict.kind === "waiting" &&
      options.timeoutSeconds !== null &&
      clock.now() - since >= options.timeoutSeconds * 1000;
    if (text !== shown || timedOut) yield { verdict, facts, timedOut };
    if (verdict.kind !== "waiting" || timedOut) return;
    const reached = verdict.mark ?? text;
    if (reached !== mark && options.renews) since = clock.now();
    mark = reached;
    shown = text;
  }
  signal.throwIfAborted();
}

/** Often enough that `unplaceable` is said within 5 s and a time-out is kept to a second. */
const TICK_MS = 500;
