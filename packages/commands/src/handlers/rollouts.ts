import { deriveRolloutRow, type RolloutRow } from "../derive/derive-rollout-row.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

const COLUMNS: readonly Column<RolloutRow>[] = [
  { key: "rollout", cell: (row) => row.rollout },
  { key: "version", cell: (row) => row.version },
  { key: "state", cell: (row) => row.state },
  { key: "updated", cell: (row) => `${row.updated}/${row.total}` },
  { key: "by", cell: (row) => orDash(row.by) },
  { key: "started", cell: (row) => row.startedAt },
  { key: "service", optional: true, cell: (row) => row.service },
  { key: "release", optional: true, cell: (row) => String(row.release) },
  { key: "ended", optional: true, cell: (row) => orDash(row.endedAt) },
  { key: "reason", optional: true, cell: (row) => row.reason },
];

export const rollouts: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const rows = (await readFacts(context, signal)).rollouts.map(deriveRolloutRow);
  yield done(rows, [tableBlock(rows, COLUMNS, flags, count(rows.length, "rollout"))]);
};
