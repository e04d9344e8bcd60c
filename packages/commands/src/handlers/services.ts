import { deriveServiceRows, type ServiceRow } from "../derive/derive-service-rows.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

const COLUMNS: readonly Column<ServiceRow>[] = [
  { key: "service", cell: (row) => row.service },
  { key: "release", cell: (row) => orDash(row.release) },
  { key: "version", cell: (row) => orDash(row.version) },
  { key: "desired", cell: (row) => String(row.desired) },
  { key: "running", cell: (row) => String(row.running) },
  { key: "healthy", cell: (row) => String(row.healthy) },
  { key: "rollout", cell: (row) => orDash(row.rollout) },
  { key: "image", optional: true, cell: (row) => orDash(row.image) },
];

export const services: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const rows = deriveServiceRows(await readFacts(context, signal));
  yield done(rows, [tableBlock(rows, COLUMNS, flags, count(rows.length, "service"))]);
};
