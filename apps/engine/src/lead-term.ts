import type { AuditSigner, Mirror, Term } from "@quarterdeck/etcd";
import { problemOf } from "@quarterdeck/model";
import { commitAll } from "./commit-all.ts";
import { createOverlay } from "./overlay.ts";
import type { Clock, EngineLog } from "./ports.ts";
import type { Pass, Stage, StageOutcome } from "./stage.ts";
import type { Wake } from "./wake.ts";

/** Passes are woken by changes; this is the longest that a leader sleeps if no change and no timer wakes it. */
const MAX_SLEEP_MS = 30_000;
/** After a write that failed, a write that came too late, or a stage that threw. */
const RETRY_MS = 1_000;
/** Passes in a row that may write before the mirror has to show what they wrote. */
const MAX_BURST = 64;

export type TermParts = {
  readonly term: Term;
  readonly mirror: Mirror;
  /** Of the audit log. */
  readonly signer: AuditSigner;
  /** Asked in turn, beginning behind the one that wrote last, so that none starves another. */
  readonly stages: readonly Stage[];
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: EngineLog;
};

/**
 * Leads until the term is lost or the signal aborts. A pass asks the stages until one has something to write, and writes it; then the next
 * pass begins, on what etcd is known to hold. With nothing to write it sleeps until a change, an answer or a timer wakes it.
 */
export async function leadTerm(parts: TermParts, signal: AbortSignal): Promise<void> {
  const { term, mirror, wake } = parts;
  const over = new AbortController();
  const ending = AbortSignal.any([signal, term.lost, over.signal]);
  const watching = watchMirror(mirror, wake, ending).finally(() => over.abort());
  await Promise.all([watching, runPasses(parts, ending).finally(() => over.abort())]);
}

async function runPasses(
  { term, mirror, signer, stages, wake, clock, log }: TermParts,
  signal: AbortSignal,
): Promise<void> {
  const view = createOverlay(mirror);
  let first = 0;
  let burst = 0;
  // Before the mirror shows this term's own key it may not show the last leader's writes either.
  let mustShow = term.fence;
  while (!signal.aborted) {
    let sleepUntil: number | null = null;
    if (mirror.revision >= mustShow) {
      view.settle();
      const pass = { view, now: clock.now(), elapsed: clock.elapsed(), mirrorAgeMs: mirror.ageMs(), signer };
      const found = askStages(stages, first, (stage) => planSafely(stage, pass, log));
      sleepUntil = found.dueAt;
      if (found.index !== null) {
        first = (found.index + 1) % stages.length;
        const result = await commitAll(found.commits, { term, view, log }, signal);
        if (result.over) return;
        burst += 1;
        if (burst >= MAX_BURST) {
          burst = 0;
          mustShow = result.revision > mustShow ? result.revision : mustShow;
        }
        if (result.settled) continue;
        sleepUntil = clock.elapsed() + RETRY_MS;
      } else burst = 0;
    }
    await wake.wait(sleepUntil === null ? MAX_SLEEP_MS : Math.min(MAX_SLEEP_MS, sleepUntil - clock.elapsed()), signal);
  }
}

type Found = StageOutcome & { readonly index: number | null };

function askStages(stages: readonly Stage[], first: number, ask: (stage: Stage) => StageOutcome): Found {
  let dueAt: number | null = null;
  for (let step = 0; step < stages.length; step += 1) {
    const index = (first + step) % stages.length;
    const stage = stages[index];
    if (stage === undefined) continue;
    const planned = ask(stage);
    if (planned.dueAt !== null) dueAt = dueAt === null ? planned.dueAt : Math.min(dueAt, planned.dueAt);
    if (planned.commits.length > 0) return { index, commits: planned.commits, dueAt };
  }
  return { index: null, commits: [], dueAt };
}

/** A stage that throws must not keep the others from their work. */
function planSafely(stage: Stage, pass: Pass, log: EngineLog): StageOutcome {
  try {
    return stage.plan(pass);
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    log.error({ stage: stage.name, ...problemOf(error), stack }, "a stage failed");
    return { commits: [], dueAt: pass.elapsed + RETRY_MS };
  }
}

async function watchMirror(mirror: Mirror, wake: Wake, signal: AbortSignal): Promise<void> {
  for await (const _ of mirror.changes(signal)) wake.nudge();
}
