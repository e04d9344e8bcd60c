import type { RawTextElement, TableBlock } from "@slack/types";
import { LIMITS } from "./limits.ts";
import { orNothing } from "./text-object.ts";
import { truncate } from "./truncate.ts";

/** `align` holds one entry a column, left where it is short. */
export type TableOptions = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly align?: readonly ("left" | "center" | "right")[];
};

/**
 * A table of literal texts: at most 99 rows under the headings, 20 columns, 200 characters a cell, 10,000 in all.
 * A message holds one table. Rows that do not fit are counted in the last row, so that nobody takes a part for the whole.
 */
export function table({ columns, rows, align = [] }: TableOptions): TableBlock {
  const width = Math.min(Math.max(columns.length, 1), LIMITS.tableColumns);
  const cells = (row: readonly string[]) => Array.from({ length: width }, (_, column) => cell(row[column] ?? ""));
  const heading = cells(columns);
  const fitting = fit(rows.map(cells), LIMITS.tableText - size(heading));
  const left = rows.length - fitting.length;
  return {
    type: "table",
    rows: [heading, ...fitting, ...(left > 0 ? [cells([`… ${left} more`])] : [])],
    ...(align.length === 0 ? {} : { column_settings: align.slice(0, width).map((side) => ({ align: side })) }),
  };
}

/** The rows that fit into `room` characters, with place kept for the row that counts the others. */
function fit(rows: readonly RawTextElement[][], room: number): readonly RawTextElement[][] {
  const most = LIMITS.tableRows - 1;
  const sums: number[] = [];
  for (const row of rows) sums.push((sums.at(-1) ?? 0) + size(row));
  if (rows.length <= most && (sums.at(-1) ?? 0) <= room) return rows;
  const firstOver = sums.findIndex((sum) => sum > room - LAST_ROW);
  return rows.slice(0, Math.min(most - 1, firstOver === -1 ? rows.length : firstOver));
}

/** Room for the counting row: its own text and a dash in every other column. */
const LAST_ROW = 64;

function size(row: readonly RawTextElement[]): number {
  return row.reduce((sum, { text }) => sum + text.length, 0);
}

function cell(text: string): RawTextElement {
  return { type: "raw_text", text: truncate(orNothing(text), LIMITS.tableCell) };
}
