import { CodedError, type JournalFormat } from "@quarterdeck/model";
import type { JournalLine } from "../http/decode-journal.ts";

/**
 * An entry as journalctl would print it, for where there is none.
 * @throws {CodedError} USAGE for the formats that show what only a journald keeps
 */
export function formatJournalLine(entry: JournalLine, hostname: string, format: JournalFormat | null): string {
  switch (format) {
    case null:
      return JSON.stringify(entry);
    case "cat":
      return entry.message;
    case "json":
      return JSON.stringify(fieldsOf(entry, hostname));
    case "json-pretty":
      return JSON.stringify(fieldsOf(entry, hostname), null, 2);
    case "verbose":
    case "with-unit":
      throw new CodedError("USAGE", {
        message: `--format ${format} needs a systemd journal, and this machine's units are plain processes`,
        try: "--format short",
      });
    default: {
      const { identifier, pid, message } = entry;
      const by = `${hostname} ${identifier}${pid === null ? "" : `[${pid}]`}`;
      return `${timeOf(new Date(entry.at), format)} ${by}: ${message.replaceAll("\n", "\n    ")}`;
    }
  }
}

/** journald's own names. @see systemd.journal-fields(7) */
function fieldsOf({ at, cursor, message, priority, identifier, pid }: JournalLine, hostname: string): object {
  return {
    __CURSOR: cursor,
    __REALTIME_TIMESTAMP: String(Date.parse(at) * 1000),
    _HOSTNAME: hostname,
    PRIORITY: String(priority),
    SYSLOG_IDENTIFIER: identifier,
    ...(pid === null ? {} : { _PID: String(pid) }),
    MESSAGE: message,
  };
}

type TimeFormat = Exclude<JournalFormat, "cat" | "json" | "json-pretty" | "verbose" | "with-unit">;

/** In UTC: a lab's machine has no time zone of its own. */
function timeOf(at: Date, format: TimeFormat): string {
  const iso = at.toISOString();
  const seconds = iso.slice(0, 19);
  switch (format) {
    case "short-iso":
      return `${seconds}+0000`;
    case "short-iso-precise":
      return `${iso.slice(0, 23)}000+0000`;
    case "short-unix":
      return `${(at.getTime() / 1000).toFixed(3)}000`;
    case "short-full":
      return `${DAYS[at.getUTCDay()] ?? ""} ${seconds.replace("T", " ")} UTC`;
    case "short":
    case "short-precise": {
      const day = `${MONTHS[at.getUTCMonth()] ?? ""} ${seconds.slice(8, 10)} ${seconds.slice(11)}`;
      return format === "short" ? day : `${day}.${iso.slice(20, 23)}000`;
    }
  }
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
