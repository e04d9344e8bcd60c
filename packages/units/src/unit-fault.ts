import type { Problem } from "@quarterdeck/model";

/** A place in a unit file; both count from 1. */
export type Position = { readonly line: number; readonly column: number };

/** `INVALID_UNIT` with the place in its message; `hint` becomes `try`. */
export function unitFault(message: string, hint: string, at: Position | null = null): Problem {
  const place = at === null ? "" : `line ${at.line}, column ${at.column}: `;
  return { code: "INVALID_UNIT", message: `${place}${message}`, try: hint };
}

/** Moves a problem to its place in a file, or names the file in front of it. */
export function faultIn(where: Position | string, problem: Problem): Problem {
  const place = typeof where === "string" ? where : `line ${where.line}, column ${where.column}`;
  return { ...problem, code: "INVALID_UNIT", message: `${place}: ${problem.message}` };
}
