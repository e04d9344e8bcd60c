import type { Mirror, Term } from "@quarterdeck/etcd";
import { CodedError, problemOf } from "@quarterdeck/model";
import type { Clock, EngineLog } from "./ports.ts";
import type { Commit, Stage } from "./stage.ts";
import type { Wake } from "./wake.ts";

/** Passes are woken by changes; this is the longest that a leader sleeps if no change and no timer wakes it. */
const MAX_SLEEP_MS = 30_000;
/** After a failed write or a stage that threw. */
const RETRY_MS = 1_000;

export type TermParts = {
  readonly term: Term;
  readonly mirror: Mirror;
  /** Asked in turn, beginning behind the one that wrote last, so that none starves another. */
  readonly stages: readonly Stage[];
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: EngineLog;
};

/**
 * Leads until the term is lost or the signal aborts. A pass asks the stages until one has something to write, writes it, and starts
 * over once the mirror shows it: everything is decided from what is, never from what was meant.
 */
export async function leadTerm(parts: TermParts, signal: AbortSignal): Promise<void> {
  const { term, mirror, stages, wake, clock, log } = parts;
  const over = new AbortController();
  const ending = AbortSignal.any([signal, term.lost, over.signal]);
  let resets = 0;
  const watching = watchMirror(mirror, ending, (isReset) => {
    if (isReset) resets += 1;
    wake.nudge();
  }).then(
    () => null,
    (error: unknown) => {
      over.abort(error);
      return { error };
    },
  );
  let first = 0;
  // What this term has written; a mirror that does not show it yet would have it written twice.
  let written = term.fence;
  while (!ending.aborted) {
    let dueAt: number | null = null;
    if (mirror.revision >= written) {
      const pass = { view: mirror, now: clock.now(), elapsed: clock.elapsed(), mirrorAgeMs: mirror.ageMs(), resets };
      const found = askStages(stages, first, (stage) => planSafely(stage, pass, log));
      dueAt = found.dueAt;
      if (found.index !== null) {
        first = (found.index + 1) % stages.length;
        const result = await commitAll(parts, found.commits, ending);
        if (result.over) break;
        if (result.revision > written) written = result.revision;
        dueAt = clock.elapsed() + RETRY_MS;
        if (result.settled && mirror.revision >= written) continue;
      }
    }
    const sleep = dueAt === null ? MAX_SLEEP_MS : Math.min(MAX_SLEEP_MS, dueAt - clock.elapsed());
    await wake.wait(sleep, ending);
  }
  over.abort();
  const failure = await watching;
  if (failure !== null) throw failure.error;
}

type Planned = { readonly commits: readonly Commit[]; readonly dueAt: number | null };
type Found = Planned & { readonly index: number | null };

function askStages(stages: readonly Stage[], first: number, ask: (stage: Stage) => Planned): Found {
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
function planSafely(stage: Stage, pass: Parameters<Stage["plan"]>[0], log: EngineLog): Planned {
  try {
    return stage.plan(pass);
  } catch (error) {
    log.error(
      { stage: stage.name, ...problemOf(error), stack: error instanceof Error ? error.stack : undefined },
      "a stage failed",
    );
    return { commits: [], dueAt: pass.elapsed + RETRY_MS };
  }
}

type Committed = {
  /** The term is over. */
  readonly over: boolean;
  /** The newest revision written; 0 for none. */
  readonly revision: bigint;
  /** Everything was committed; otherwise a change that explains why not is on its way. */
  readonly settled: boolean;
};

async function commitAll(
  { term, log }: TermParts,
  commits: readonly Commit[],
  signal: AbortSignal,
): Promise<Committed> {
  let revision = 0n;
  let settled = true;
  for (const { transaction, message, fields } of commits) {
    try {
      const result = await term.transact(transaction, signal);
      if (result.committed) {
        revision = result.revision;
        log.info(fields, message);
      } else settled = false;
    } catch (error) {
      const fenced = error instanceof CodedError && error.code === "ETCD_FENCED";
      if (fenced || signal.aborted) return { over: true, revision, settled: false };
      // Whether it was written is unknown; the next pass sees, and its conditions keep it from being done twice.
      log.warn({ ...problemOf(error), intended: message }, "a write failed and is planned again");
      if (!(error instanceof CodedError && error.retryable)) throw error;
      return { over: false, revision, settled: false };
    }
  }
  return { over: false, revision, settled };
}

async function watchMirror(mirror: Mirror, signal: AbortSignal, onChange: (reset: boolean) => void): Promise<void> {
  try {
    for await (const { reset } of mirror.changes(signal)) onChange(reset);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
