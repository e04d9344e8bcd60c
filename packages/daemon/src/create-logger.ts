import pino, { type Logger } from "pino";

/** pino's levels as syslog priorities, which journald reads from a `<n>` at the start of a line. @see sd-daemon(3) */
const PRIORITIES: Readonly<Record<number, number>> = { 10: 7, 20: 7, 30: 6, 40: 4, 50: 3, 60: 2 };

export type { Logger } from "pino";

/**
 * Log lines for the journal: one JSON object a line behind its priority, written synchronously, so that the last line before
 * a crash is there. On a terminal the prefix is left out. `QUARTERDECK_LOG` sets the level (default `info`).
 */
export function createLogger(name: string): Logger {
  const destination = pino.destination({ fd: 1, sync: true });
  const plain = process.env["JOURNAL_STREAM"] === undefined;
  const stream = {
    lastLevel: 30,
    write(line: string): void {
      destination.write(plain ? line : `<${PRIORITIES[stream.lastLevel] ?? 6}>${line}`);
    },
    // pino sets this before each write to a stream that carries its metadata symbol.
    [Symbol.for("pino.metadata")]: true,
  };
  return pino(
    {
      name,
      base: {},
      level: process.env["QUARTERDECK_LOG"] ?? "info",
      timestamp: plain ? pino.stdTimeFunctions.isoTime : false,
    },
    stream,
  );
}
