import { z } from "zod";

/** How a journal may be printed: journalctl's own words for it, those that are text. @see journalctl(1) "--output" */
export const JOURNAL_FORMATS = [
  "short",
  "short-full",
  "short-iso",
  "short-iso-precise",
  "short-precise",
  "short-unix",
  "with-unit",
  "verbose",
  "json",
  "json-pretty",
  "cat",
] as const;

export const journalFormatSchema = z.enum(JOURNAL_FORMATS);
export type JournalFormat = z.infer<typeof journalFormatSchema>;
