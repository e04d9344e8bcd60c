import { parseUnitName, problemOf, type JournalFormat, type Problem, type UnitName } from "@quarterdeck/model";
import { parseJournalQuery, type JournalQuery } from "./journal-query.ts";

/** What the agent can be asked; owned by the HTTP side. */
export type AgentReads = {
  health(): unknown;
  status(unit: UnitName, signal: AbortSignal): Promise<unknown>;
  /** The unit as `systemctl status` shows it, with that many of its newest journal lines. */
  statusText(unit: UnitName, lines: number, signal: AbortSignal): Promise<string>;
  /** Lines without their ends. It is asked for the next one only when the last was taken. */
  journal(query: JournalQuery, signal: AbortSignal): AsyncIterable<string>;
  /** In Prometheus's text format. */
  metrics(): Promise<Text>;
};

export type Text = { readonly contentType: string; readonly text: string };

export type Answer =
  | { readonly status: number; readonly body: unknown }
  | ({ readonly status: 200 } & Text)
  | {
      readonly status: 200;
      readonly follow: boolean;
      readonly contentType: string;
      readonly lines: AsyncIterable<string>;
    };

const PLAIN = "text/plain; charset=utf-8";
const MOST_STATUS_LINES = 1000;

/**
 * `GET /v1/health` (also `/health`) · `GET /v1/status?unit=U` · `GET /v1/status-text?unit=U[&lines=N]` · `GET /v1/journal?…` ({@link parseJournalQuery})
 * · `GET /metrics`, for Prometheus. Errors are `{"error": Problem}`.
 */
export async function handleRequest(
  request: { readonly method: string; readonly url: string },
  reads: AgentReads,
  signal: AbortSignal,
): Promise<Answer> {
  if (request.method !== "GET")
    return failure(405, { code: "USAGE", message: `the agent only answers GET, not ${request.method}` });
  const { pathname, searchParams } = new URL(request.url, "https://agent");
  switch (pathname) {
    case "/health":
    case "/v1/health":
      return { status: 200, body: reads.health() };
    case "/metrics":
      return { status: 200, ...(await reads.metrics()) };
    case "/v1/status":
    case "/v1/status-text": {
      const unit = parseUnitName(searchParams.get("unit") ?? "");
      if (!unit.ok) return failure(400, unit.error);
      if (pathname === "/v1/status") return { status: 200, body: await reads.status(unit.value, signal) };
      const lines = searchParams.get("lines") ?? "10";
      if (!/^\d{1,4}$/.test(lines) || Number(lines) > MOST_STATUS_LINES)
        return failure(400, {
          code: "USAGE",
          message: `lines=${JSON.stringify(lines)} is not a number up to ${MOST_STATUS_LINES}`,
          try: `lines=${MOST_STATUS_LINES}`,
        });
      return { status: 200, contentType: PLAIN, text: await reads.statusText(unit.value, Number(lines), signal) };
    }
    case "/v1/journal": {
      const query = parseJournalQuery(searchParams);
      if (!query.ok) return failure(400, query.error);
      const { follow, format } = query.value;
      return { status: 200, follow, contentType: typeOf(format), lines: reads.journal(query.value, signal) };
    }
    default:
      return failure(404, { code: "NOT_FOUND", message: `no such path ${pathname}` });
  }
}

const typeOf = (format: JournalFormat | null): string =>
  format === null || format === "json" ? "application/x-ndjson" : PLAIN;

/** For what a handler threw. */
export function failureOf(error: unknown): Answer {
  return failure(500, problemOf(error));
}

export function failure(status: number, problem: Problem): Answer {
  return { status, body: { error: problem } };
}
