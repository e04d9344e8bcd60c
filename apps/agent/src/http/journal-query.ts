import {
  journalFormatSchema,
  JOURNAL_FORMATS,
  parseUnitName,
  refuse,
  succeed,
  type JournalFormat,
  type Problem,
  type Result,
  type UnitName,
} from "@quarterdeck/model";

export type JournalQuery = {
  readonly unit: UnitName;
  /** How many of the newest entries, of those that `since` and `grep` let through. */
  readonly lines: number;
  readonly follow: boolean;
  /** Seconds since 1970; `null` for all. */
  readonly sinceSeconds: number | null;
  /** A pattern of PCRE for the message, as journalctl's own `--grep`; `null` for all. */
  readonly grep: string | null;
  /** `null`: one JSON object of our own an entry, see {@link JournalLine}. */
  readonly format: JournalFormat | null;
};

const MOST_LINES = 10_000;
const LONGEST_PATTERN = 200;

/** Reads `unit=U[&lines=N][&follow=true][&since=SECONDS][&grep=PATTERN][&format=F]`; every value is hostile until it has passed here. */
export function parseJournalQuery(search: URLSearchParams): Result<JournalQuery> {
  const unit = parseUnitName(search.get("unit") ?? "");
  if (!unit.ok) return unit;
  const lines = search.get("lines") ?? "10";
  if (!/^\d{1,6}$/.test(lines) || Number(lines) > MOST_LINES)
    return refuse(usage(`lines=${JSON.stringify(lines)} is not a number up to ${MOST_LINES}`, `lines=${MOST_LINES}`));
  const since = search.get("since");
  if (since !== null && !/^\d{1,11}$/.test(since))
    return refuse(usage(`since=${JSON.stringify(since)} is not a number of seconds since 1970`, "since=1700000000"));
  const grep = search.get("grep");
  if (grep !== null && (grep === "" || grep.length > LONGEST_PATTERN || /\p{Cc}/u.test(grep)))
    return refuse(
      usage(
        `grep=${JSON.stringify(grep.slice(0, LONGEST_PATTERN))} is no pattern of 1 to ${LONGEST_PATTERN} printable characters`,
        "a shorter pattern",
      ),
    );
  const asked = search.get("format");
  const format = journalFormatSchema.nullable().safeParse(asked);
  if (!format.success)
    return refuse(usage(`format=${JSON.stringify(asked)} is none of ${JOURNAL_FORMATS.join(", ")}`, "format=short"));
  return succeed({
    unit: unit.value,
    lines: Number(lines),
    follow: ["true", "1"].includes(search.get("follow") ?? ""),
    sinceSeconds: since === null ? null : Number(since),
    grep,
    format: format.data,
  });
}

const usage = (message: string, hint: string): Problem => ({ code: "USAGE", message, try: hint });
