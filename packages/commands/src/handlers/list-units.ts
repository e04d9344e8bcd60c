import { deriveUnitRows, type UnitRow } from "../derive/derive-unit-rows.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { machineCell, orDash, shorten } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export const UNIT_COLUMNS: readonly Column<UnitRow>[] = [
  { key: "unit", cell: (row) => row.unit },
  { key: "machine", cell: (row, full) => machineCell(row.machine, row.ip, full) },
  { key: "active", cell: (row) => row.active },
  { key: "sub", cell: (row) => orDash(row.sub) },
  { key: "load", optional: true, cell: (row) => orDash(row.load) },
  { key: "hash", optional: true, cell: (row, full) => shorten(row.hash, full) },
  { key: "outdated", optional: true, cell: (row) => String(row.outdated === true) },
  { key: "health", optional: true, cell: (row) => orDash(row.health) },
];

export const listUnits: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const rows = deriveUnitRows(await readFacts(context, signal));
  yield done(rows, [tableBlock(rows, UNIT_COLUMNS, flags, count(rows.length, "unit"))]);
};
