/** A line longer than this is broken, as journald does it. */
const LONGEST = 48 * 1024;

/**
 * Cuts output into lines; a line without its end is left for the next time, unless it is too long. A `<n>` before a line is its syslog
 * priority, 6 otherwise. @see sd-daemon(3)
 * @returns the lines, and how many bytes of the output they are
 */
export function splitOutput(bytes: Buffer): {
  readonly lines: readonly { readonly message: string; readonly priority: number }[];
  readonly used: number;
} {
  const lines: { readonly message: string; readonly priority: number }[] = [];
  let used = 0;
  while (used < bytes.length) {
    const end = bytes.indexOf(10, used);
    const rest = (end < 0 ? bytes.length : end) - used;
    if (end < 0 && rest < LONGEST) break;
    const length = Math.min(rest, LONGEST);
    lines.push(readLine(bytes.toString("utf8", used, used + length)));
    used += length === rest && end >= 0 ? length + 1 : length;
  }
  return { lines, used };
}

function readLine(text: string): { readonly message: string; readonly priority: number } {
  const match = /^<([0-7])>(.*)$/s.exec(text);
  return match === null ? { message: text, priority: 6 } : { message: match[2] ?? "", priority: Number(match[1]) };
}
