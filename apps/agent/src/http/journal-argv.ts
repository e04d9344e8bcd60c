import type { JournalQuery } from "./journal-query.ts";

/** Where journalctl begins: at the newest entries, at an entry that was looked up before, or at what is written from now on. */
export type JournalStart = "newest" | "now" | { readonly cursor: string };

/**
 * Whether the first entry has to be looked up by {@link seekArgv}. Newest of what matches is not what journalctl prints by itself: with `--grep` it
 * turns the order around, and with `--since` some versions count from the oldest. @see journalctl(1) "--grep", "--since"
 */
export function needsSeek({ sinceSeconds, grep, lines }: JournalQuery): boolean {
  return lines > 0 && (sinceSeconds !== null || grep !== null);
}

/** Prints what matches from the newest back; the last line's cursor is where to begin. */
export function seekArgv(query: JournalQuery): readonly string[] {
  const { sinceSeconds, lines } = query;
  return [
    "--output=json",
    // The cursor is always there; of the fields one is enough.
    "--output-fields=PRIORITY",
    "--reverse",
    `--lines=${lines}`,
    ...(sinceSeconds === null ? [] : [`--since=@${sinceSeconds}`]),
    ...matching(query),
  ];
}

/** Every value is one element, and none can be taken for an option: each stands behind the `=` of its own. */
export function journalArgv(query: JournalQuery, start: JournalStart): readonly string[] {
  return [`--output=${query.format ?? "json"}`, "--all", ...beginning(query, start), ...matching(query)];
}

function beginning({ lines, follow }: JournalQuery, start: JournalStart): readonly string[] {
  // Alone, --follow would show ten lines and no more.
  const onward = follow ? ["--follow", "--no-tail"] : [];
  if (start === "newest") return [`--lines=${lines}`, ...(follow ? ["--follow"] : [])];
  if (start === "now") return ["--since=now", ...onward];
  return [`--cursor=${start.cursor}`, ...onward];
}

function matching({ unit, grep }: JournalQuery): readonly string[] {
  return ["--no-pager", "--quiet", `--unit=${unit}`, ...(grep === null ? [] : [`--grep=${grep}`])];
}
