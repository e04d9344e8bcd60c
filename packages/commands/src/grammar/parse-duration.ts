const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** `90s`, `2m`, `1h30m`, `500ms` or a bare number of seconds, as seconds; `null` when it is none of these, zero or over a year. */
export function parseDuration(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return inRange(Number(text));
  if (!/^(\d+(\.\d+)?(ms|sec|s|min|m|h|d))+$/.test(text)) return null;
  let seconds = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|sec|s|min|m|h|d)/g)) {
    seconds += Number(amount) * (UNIT_SECONDS[unit ?? ""] ?? Number.NaN);
  }
  return inRange(seconds);
}

function inRange(seconds: number): number | null {
  return seconds > 0 && seconds <= 366 * 86_400 ? seconds : null;
}
