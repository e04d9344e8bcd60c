import { z } from "zod";
import { decodeJournal } from "./decode-journal.ts";
import { journalArgv, needsSeek, seekArgv, type JournalStart } from "./journal-argv.ts";
import type { JournalQuery } from "./journal-query.ts";
import { programLines } from "./program-lines.ts";

const cursorSchema = z.object({ __CURSOR: z.string().min(1) });

/** journalctl says by 1 that nothing matched its `--grep`. */
const isFine = (exitCode: number, complaint: string): boolean => exitCode === 1 && complaint === "";

/**
 * The unit's last entries and, with `follow`, those to come: lines as journalctl prints them, or without a `format` a {@link JournalLine} as JSON each.
 * Ends with journalctl, or by the signal, which ends journalctl.
 * @throws {CodedError} FAILED when journalctl does not start or ends with an error
 */
export async function* readJournal(
  query: JournalQuery,
  signal: AbortSignal,
  journalctl = "journalctl",
): AsyncIterable<string> {
  const start = needsSeek(query) ? await seek(query, signal, journalctl) : "newest";
  if (start === "now" && !query.follow) return;
  const argv = journalArgv(query, start);
  for await (const line of programLines({ file: journalctl, argv, isFine }, signal)) {
    if (query.format !== null) yield line;
    else {
      const entry = decodeJournal(line);
      if (entry !== null) yield JSON.stringify(entry);
    }
  }
}

/** The oldest of the newest entries that match; `now` when there is none. */
async function seek(query: JournalQuery, signal: AbortSignal, journalctl: string): Promise<JournalStart> {
  let last = "";
  const program = { file: journalctl, argv: seekArgv(query), isFine };
  for await (const line of programLines(program, signal)) last = line;
  if (last === "") return "now";
  return { cursor: cursorSchema.parse(JSON.parse(last)).__CURSOR };
}
