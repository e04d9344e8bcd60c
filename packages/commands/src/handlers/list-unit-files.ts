import { deriveUnitFileRows, type UnitFileRow } from "../derive/derive-unit-file-rows.ts";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import type { Facts } from "../facts/facts.ts";
import { addressOf } from "../facts/machine-words.ts";
import { readUnitTexts } from "../facts/read-unit-texts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { machineCell, orDash, shorten } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export const listUnitFiles: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const snapshot = await context.etcd.snapshot([...FACT_PREFIXES, "unit-files/"], signal);
  const facts = deriveFacts(snapshot);
  const rows = deriveUnitFileRows(facts, readUnitTexts(snapshot));
  yield done(rows, [tableBlock(rows, columnsOf(facts), flags, count(rows.length, "unit file"))]);
};

function columnsOf(facts: Facts): readonly Column<UnitFileRow>[] {
  return [
    { key: "unit", cell: (row) => row.unit },
    { key: "hash", cell: (row, full) => shorten(row.hash, full) },
    { key: "dstate", cell: (row) => row.desiredState },
    { key: "state", cell: (row) => orDash(row.state) },
    { key: "target", cell: (row, full) => (row.global ? "global" : targetCell(facts, row, full)) },
    { key: "outdated", optional: true, cell: (row) => String(row.outdated === true) },
    { key: "global", optional: true, cell: (row) => String(row.global) },
    { key: "reason", optional: true, cell: (row) => orDash(row.reason) },
  ];
}

function targetCell(facts: Facts, row: UnitFileRow, full: boolean): string {
  const at = row.target === null ? undefined : facts.machines.get(row.target);
  return machineCell(row.target, at === undefined ? null : addressOf(at), full);
}
