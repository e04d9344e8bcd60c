import { ERROR_CODES, type Problem } from "@quarterdeck/model";
import { errorDocument } from "../show/final.ts";
import type { View, ViewBlock } from "../view.ts";

type Failure = { readonly problem: Problem; readonly id: string; readonly blocks: readonly ViewBlock[] };

/** A change that was applied and has not come true: its own document with the problem in `error`. */
export function failureView(document: Readonly<Record<string, unknown>>, { problem, id, blocks }: Failure): View {
  return {
    json: { ...document, error: errorDocument(problem, id) },
    blocks: [...blocks, { kind: "problem", problem }],
    exitCode: ERROR_CODES[problem.code].exitCode,
  };
}

/** Nothing was taken back: it may still come true. */
export function stillGoingOn(what: string, id: string): Problem {
  return {
    code: "TIMED_OUT",
    message: `still going on: ${what}`,
    why: `the time to wait is over; request ${id} is not`,
    try: "fleet status, or wait longer with --timeout 5m",
  };
}
