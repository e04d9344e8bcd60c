import { deriveMachineRows, type MachineRow } from "../derive/derive-machine-rows.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { metadataCell, orDash, shorten } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export const MACHINE_COLUMNS: readonly Column<MachineRow>[] = [
  { key: "machine", cell: (row, full) => shorten(row.machine, full) },
  { key: "ip", cell: (row) => orDash(row.ip) },
  { key: "metadata", cell: (row) => metadataCell(row.metadata) },
  { key: "hostname", optional: true, cell: (row) => orDash(row.hostname) },
  { key: "state", optional: true, cell: (row) => row.state },
  { key: "version", optional: true, cell: (row) => orDash(row.version) },
];

export const listMachines: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const rows = deriveMachineRows(await readFacts(context, signal));
  yield done(rows, [tableBlock(rows, MACHINE_COLUMNS, flags, count(rows.length, "machine"))]);
};
