import type { ViewBlock } from "@quarterdeck/commands";
import { escapeLine } from "./escape-text.ts";

type Table = Extract<ViewBlock, { kind: "table" }>;

/** Columns as wide as their widest cell and two spaces, as fleetctl prints them; no spaces at the end of a line. */
export function renderTable(table: Table): readonly string[] {
  const rows = table.rows.map((row) => table.columns.map((column) => escapeLine(row[column.key] ?? "")));
  const lines = table.legend ? [table.columns.map((column) => column.label), ...rows] : rows;
  const widths = table.columns.map((_, at) => Math.max(0, ...lines.map((line) => widthOf(line[at] ?? ""))));
  return lines.map((line) =>
    line
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** In characters as counted by people: an accent does not count, a pair of surrogates counts once. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) if (!/\p{Mark}/u.test(character)) width += 1;
  return width;
}
