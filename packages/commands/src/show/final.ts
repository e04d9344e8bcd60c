import { randomUUID } from "node:crypto";
import { ERROR_CODES, type Problem } from "@quarterdeck/model";
import type { CommandUpdate } from "../command-update.ts";
import type { View, ViewBlock } from "../view.ts";

/** The last update of a command that did what was asked. */
export function done(json: unknown, blocks: readonly ViewBlock[]): CommandUpdate {
  return { kind: "done", final: true, view: { json, blocks, exitCode: 0 } };
}

/** A problem as the last word; `correlationId` is the request's id, `null` when nothing was asked of the engine: then a fresh one is made. */
export function problemView(problem: Problem, correlationId: string | null): View {
  return {
    json: { error: errorDocument(problem, correlationId) },
    blocks: [{ kind: "problem", problem }],
    exitCode: ERROR_CODES[problem.code].exitCode,
  };
}

/** `error` of the JSON documents. */
export type ErrorDocument = {
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly try: string | null;
  /** The request's id, else a random one: what a person names who asks about it. */
  readonly correlationId: string;
};

export function errorDocument(problem: Problem, correlationId: string | null): ErrorDocument {
  return {
    code: problem.code,
    message: problem.message,
    why: problem.why ?? null,
    try: problem.try ?? null,
    correlationId: correlationId ?? randomUUID().replaceAll("-", ""),
  };
}
