import { parseUnitName, problemOf, type Problem, type UnitName } from "@quarterdeck/model";
import type { JournalLine } from "./decode-journal.ts";
import type { JournalQuery } from "./read-journal.ts";

/** What the agent can be asked; owned by the HTTP side. */
export type AgentReads = {
  health(): unknown;
  status(unit: UnitName, signal: AbortSignal): Promise<unknown>;
  journal(query: JournalQuery, signal: AbortSignal): AsyncIterable<JournalLine>;
  /** In Prometheus's text format. */
  metrics(): Promise<MetricsText>;
};

export type MetricsText = { readonly contentType: string; readonly text: string };

export type Answer =
  | { readonly status: number; readonly body: unknown }
  | ({ readonly status: 200 } & MetricsText)
  | { readonly status: 200; readonly follow: boolean; readonly lines: AsyncIterable<JournalLine> };

const MOST_LINES = 10_000;

/**
 * `GET /v1/health` · `GET /v1/status?unit=U` · `GET /v1/journal?unit=U[&lines=N][&follow=true]`, the latter as one JSON object a line ·
 * `GET /metrics`, for Prometheus. Errors are `{"error": Problem}`.
 */
export async function handleRequest(
  request: { readonly method: string; readonly url: string },
  reads: AgentReads,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(request.url, "https://agent");
  if (request.method !== "GET")
    return failure(405, { code: "USAGE", message: `the agent only answers GET, not ${request.method}` });
  if (url.pathname === "/v1/health") return { status: 200, body: reads.health() };
  if (url.pathname === "/metrics") return { status: 200, ...(await reads.metrics()) };
  if (url.pathname !== "/v1/status" && url.pathname !== "/v1/journal")
    return failure(404, { code: "NOT_FOUND", message: `no such path ${url.pathname}` });
  const unit = parseUnitName(url.searchParams.get("unit") ?? "");
  if (!unit.ok) return failure(400, unit.error);
  if (url.pathname === "/v1/status") return { status: 200, body: await reads.status(unit.value, signal) };
  const lines = url.searchParams.get("lines") ?? "10";
  if (!/^\d{1,6}$/.test(lines) || Number(lines) > MOST_LINES)
    return failure(400, {
      code: "USAGE",
      message: `lines=${JSON.stringify(lines)} is not a number up to ${MOST_LINES}`,
    });
  const follow = ["true", "1"].includes(url.searchParams.get("follow") ?? "");
  return { status: 200, follow, lines: reads.journal({ unit: unit.value, lines: Number(lines), follow }, signal) };
}

/** For what a handler threw. */
export function failureOf(error: unknown): Answer {
  return failure(500, problemOf(error));
}

export function failure(status: number, problem: Problem): Answer {
  return { status, body: { error: problem } };
}
