import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

/** Seconds per unit, in systemd's spellings; `m` is minutes and `M` months. @see systemd.time(7) "PARSING TIME SPANS" */
const SECONDS: ReadonlyMap<string, number> = new Map<string, number>([
  ...spell(1e-6, "usec us µs μs"),
  ...spell(1e-3, "msec ms"),
  ...spell(1, "seconds second sec s"),
  ...spell(60, "minutes minute min m"),
  ...spell(3600, "hours hour hr h"),
  ...spell(86_400, "days day d"),
  ...spell(604_800, "weeks week w"),
  ...spell(2_629_800, "months month M"),
  ...spell(31_557_600, "years year y"),
]);

const TERM = /[ \t]*([0-9]+(?:\.[0-9]+)?)[ \t]*([a-zA-Zµμ]*)[ \t]*/y;

/** `1min 30s`, `500ms`, `2h` or a bare number of seconds, in seconds; `infinity` is refused, because everything here ends. */
export function parseTimeSpan(text: string): Result<number> {
  let total = 0;
  TERM.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    const factor = match === null ? undefined : SECONDS.get(match[2] === "" ? "s" : (match[2] ?? ""));
    if (match === null || factor === undefined) break;
    total += Number(match[1]) * factor;
    at = TERM.lastIndex;
  }
  if (text.trim() !== "" && at === text.length) return succeed(total);
  return refuse(
    unitFault(`${JSON.stringify(text)} is not a time span`, "write for example 10s, 1min 30s, 500ms or 2h"),
  );
}

function spell(seconds: number, names: string): (readonly [string, number])[] {
  return names.split(" ").map((name) => [name, seconds] as const);
}
