import { JOURNAL_FORMATS, journalFormatSchema, nearest, type JournalFormat } from "@quarterdeck/model";

/**
 * One of journalctl's words for how to print an entry.
 * @throws {SyntaxError} with the nearest of them, as a flag parser of the grammar does
 */
export function parseJournalFormat(text: string): JournalFormat {
  const format = journalFormatSchema.safeParse(text);
  if (format.success) return format.data;
  const close = nearest(text, JOURNAL_FORMATS);
  throw new SyntaxError(
    `${JSON.stringify(text)} is no format of a journal; ${close === null ? `there are ${JOURNAL_FORMATS.join(", ")}` : `write ${close}`}`,
  );
}
