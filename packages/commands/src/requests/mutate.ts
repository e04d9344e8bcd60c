import { submitRequest } from "@quarterdeck/etcd";
import { CodedError, type RequestAction, type RequestOutcome } from "@quarterdeck/model";
import { tailJournal } from "../agent/tail-journal.ts";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { reasonLine } from "../derive/reason-line.ts";
import type { Facts } from "../facts/facts.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { done, problemView } from "../show/final.ts";
import type { View, ViewBlock } from "../view.ts";
import { awaitOutcome } from "./await-outcome.ts";
import { buildRequest } from "./build-request.ts";
import { failureView, stillGoingOn } from "./failure-view.ts";
import { forecastUpdate } from "./forecast-update.ts";
import { requestIdFor } from "./request-id.ts";
import type { Culprit, Judge } from "./verdict.ts";
import { waitForFacts, type Waited } from "./wait-for-facts.ts";

type Applied = Extract<RequestOutcome, { kind: "applied" }>;

/** How a change came out: part of every mutation's JSON document. */
type ChangeState = "done" | "failed" | "running" | "unchanged";

export type Mutation = {
  readonly action: RequestAction;
  readonly flags: GlobalFlags;
  /** While it goes on, e.g. `Starting hello.service`. */
  readonly heading: string;
  /** What must become true; `null` when it is true once the engine has applied it. */
  readonly judge: (applied: Applied) => Judge | null;
  /** The JSON document of the end, whatever it is. */
  readonly document: (
    request: string,
    applied: Applied,
    state: ChangeState,
    reason: string | null,
  ) => Readonly<Record<string, unknown>>;
  /** The last line when there was nothing to wait for. */
  readonly appliedText: (applied: Applied) => string;
  /** Without `--timeout`; counted anew with all progress when `renews`. */
  readonly timeoutSeconds: (applied: Applied) => number;
  readonly renews: boolean;
};

/**
 * One mutation from its request to its truth: writes the request, waits for the engine's answer, then reads the facts until what was asked
 * for is so. Repeating it under the same idempotency key finds the request that is there and goes on waiting.
 */
export async function* mutate(
  mutation: Mutation,
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const { flags } = mutation;
  const id = requestIdFor(context);
  const request = buildRequest(context, id, { action: mutation.action, why: flags.reason ?? "" });
  await submitRequest(context.etcd, request, signal);
  if (flags.noBlock && context.dryRun !== true) {
    yield done({ request: id }, [{ kind: "note", tone: "neutral", text: `Asked for: request ${id}` }]);
    return;
  }
  yield progress(mutation.heading, [{ kind: "note", tone: "neutral", text: "waits for the engine" }]);
  const waiting = awaitOutcome(context, id, patience(flags), signal);
  let doing = "no engine has answered the request";
  let step = await waiting.next();
  for (; step.done !== true; step = await waiting.next()) {
    doing = `the engine ${step.value.doing}`;
    yield progress(mutation.heading, [{ kind: "note", tone: "neutral", text: doing }]);
  }
  const outcome = step.value;
  if (outcome === null) {
    yield { kind: "done", final: true, view: problemView(stillGoingOn(doing, id), id) };
    return;
  }
  if (outcome.kind === "refused") {
    yield { kind: "done", final: true, view: problemView(outcome.problem, id) };
    return;
  }
  if (context.dryRun === true) {
    yield forecastUpdate(await readFacts(context, signal), { request: id, applied: outcome, flags });
    return;
  }
  const judge = mutation.judge(outcome);
  if (judge === null) {
    const document = mutation.document(
      id,
      outcome,
      outcome.changed.length === 0 ? "unchanged" : "done",
      reasonLine(outcome.reason),
    );
    yield done(document, [{ kind: "note", tone: "good", text: mutation.appliedText(outcome) }]);
    return;
  }
  const timeoutSeconds =
    flags.timeout === undefined && flags.blockAttempts === undefined
      ? mutation.timeoutSeconds(outcome)
      : patience(flags);
  for await (const waited of waitForFacts(
    context,
    { judge, timeoutSeconds, renews: mutation.renews && flags.timeout === undefined },
    signal,
  )) {
    if (waited.verdict.kind === "waiting" && !waited.timedOut) {
      yield progress(mutation.heading, [
        { kind: "steps", items: waited.verdict.steps },
        { kind: "note", tone: "neutral", text: waited.verdict.text },
      ]);
    } else {
      yield {
        kind: "done",
        final: true,
        view: await lastView({ mutation, id, applied: outcome, waited }, context, signal),
      };
      return;
    }
  }
  throw new CodedError("CANCELLED", { message: "cancelled while waiting", why: `request ${id} goes on` });
}

type End = { readonly mutation: Mutation; readonly id: string; readonly applied: Applied; readonly waited: Waited };

async function lastView(
  { mutation, id, applied, waited }: End,
  context: CommandContext,
  signal: AbortSignal,
): Promise<View> {
  const { verdict, facts } = waited;
  const steps: readonly ViewBlock[] = verdict.steps.length > 1 ? [{ kind: "steps", items: verdict.steps }] : [];
  switch (verdict.kind) {
    case "true": {
      const json = mutation.document(
        id,
        applied,
        applied.changed.length === 0 ? "unchanged" : "done",
        reasonLine(verdict.reason ?? applied.reason),
      );
      return { json, blocks: [...steps, { kind: "note", tone: "good", text: verdict.text }], exitCode: 0 };
    }
    case "waiting": {
      const problem = stillGoingOn(verdict.text, id);
      return failureView(mutation.document(id, applied, "running", `${problem.code}: ${verdict.text}`), {
        problem,
        id,
        blocks: steps,
      });
    }
    case "failed": {
      const { problem } = verdict;
      const reason = [`${problem.code}: ${problem.message}`, problem.why]
        .filter((part) => part !== undefined)
        .join("; ");
      const journal = verdict.culprit === null ? [] : await journalBlocks(context, facts, verdict.culprit, signal);
      return failureView(mutation.document(id, applied, "failed", reason), {
        problem,
        id,
        blocks: [...steps, ...journal],
      });
    }
  }
}

/** What the unit said last: more useful to a person than any word of ours. */
async function journalBlocks(
  context: CommandContext,
  facts: Facts,
  culprit: Culprit,
  signal: AbortSignal,
): Promise<readonly ViewBlock[]> {
  const tail = await tailJournal(context, facts, { ...culprit, lines: 50 }, signal);
  if (!tail.ok) return [{ kind: "note", tone: "neutral", text: `its journal cannot be read: ${tail.error.message}` }];
  const said = tail.value.filter((line) => !PULLING.test(line)).slice(-10);
  return said.length === 0 ? [] : [{ kind: "code", language: "text", text: said.join("\n") }];
}

/** What docker says while it fetches an image, a line a layer. */
const PULLING =
  /(?:^|\s)(?:Unable to find image .* locally|\S+: Pulling from \S+|[0-9a-f]{12}: (?:Pulling fs layer|Waiting|Verifying Checksum|Download complete|Pull complete|Already exists)|Digest: sha256:\S+|Status: (?:Downloaded|Image is up to date).*)\s*$/;

function progress(heading: string, blocks: readonly ViewBlock[]): CommandUpdate {
  return {
    kind: "progress",
    final: false,
    view: { json: null, blocks: [{ kind: "heading", text: heading }, ...blocks], exitCode: 0 },
  };
}

/** Seconds that the flags allow; `null` is for ever. @default 60 */
function patience(flags: GlobalFlags): number | null {
  if (flags.timeout !== undefined) return flags.timeout;
  if (flags.blockAttempts === undefined) return 60;
  return flags.blockAttempts === 0 ? null : flags.blockAttempts * 2;
}
