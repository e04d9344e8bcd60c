import { CodedError } from "@quarterdeck/model";

/** Reads `5%` or `0.5%`, in tenths of a percent. @throws {CodedError} USAGE */
export function parseLoss(text: string): number {
  const percent = Number(/^(\d{1,3}(?:\.\d)?)%$/.exec(text)?.[1] ?? "NaN");
  if (Number.isNaN(percent) || percent > 100)
    throw invalid(`--loss ${text}`, "a share from 0% to 100%, such as 5% or 0.5%");
  return Math.round(percent * 10);
}

const RATE_UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** Reads `1mbit`, in bits a second. @throws {CodedError} USAGE */
export function parseRate(text: string): number {
  const match = /^(\d{1,6})(bit|kbit|mbit|gbit)$/.exec(text);
  const bits = Number(match?.[1] ?? "NaN") * (RATE_UNITS[match?.[2] ?? ""] ?? 1);
  if (Number.isNaN(bits) || bits < 8000) throw invalid(`--rate ${text}`, "at least 8kbit, such as 512kbit or 1mbit");
  return bits;
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Reads `500ms`, `30s` or `2m`, in milliseconds. @throws {CodedError} USAGE */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})(ms|s|m)$/.exec(text);
  if (match === null) throw invalid(`--timeout ${text}`, "a duration such as 500ms, 30s or 2m");
  return Number(match[1]) * (DURATION_UNITS[match[2] ?? ""] ?? 1);
}

function invalid(what: string, expected: string): CodedError {
  return new CodedError("USAGE", { message: `${what} is not ${expected}`, try: "npx lab help" });
}
