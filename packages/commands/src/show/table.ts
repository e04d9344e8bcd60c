import { CodedError, nearest } from "@quarterdeck/model";
import type { ViewBlock } from "../view.ts";

/** A column that a list can show; `key` is its name in `--fields`. */
export type Column<Row> = {
  readonly key: string;
  /** @default the key in capitals */
  readonly label?: string;
  /** Left out unless `--fields` names it. */
  readonly optional?: boolean;
  readonly cell: (row: Row, full: boolean) => string;
};

type TableFlags = { readonly fields?: readonly string[]; readonly full: boolean; readonly noLegend: boolean };

/**
 * Rows as a table block, with the columns that `--fields` asks for.
 *
 * @throws {CodedError} USAGE for a field that there is not
 */
export function tableBlock<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  flags: TableFlags,
  caption: string,
): ViewBlock {
  const chosen = chooseColumns(columns, flags.fields ?? []);
  return {
    kind: "table",
    columns: chosen.map((column) => ({ key: column.key, label: column.label ?? column.key.toUpperCase() })),
    rows: rows.map((row) => Object.fromEntries(chosen.map((column) => [column.key, column.cell(row, flags.full)]))),
    caption,
    legend: !flags.noLegend,
  };
}

function chooseColumns<Row>(columns: readonly Column<Row>[], fields: readonly string[]): readonly Column<Row>[] {
  if (fields.length === 0) return columns.filter((column) => column.optional !== true);
  const names = columns.map((column) => column.key);
  return fields.map((field) => {
    const column = columns.find((one) => one.key === field.trim().toLowerCase());
    if (column !== undefined) return column;
    const close = nearest(field, names);
    throw new CodedError("USAGE", {
      message: `there is no field ${JSON.stringify(field)}`,
      why: `fields: ${names.join(", ")}`,
      try: `--fields ${close ?? names.join(",")}`,
    });
  });
}

/** `1 machine`, `3 machines`; `plural` where an s does not do. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}
