import { deriveRolloutRow } from "../derive/derive-rollout-row.ts";
import { deriveServiceRows, type ServiceRow } from "../derive/derive-service-rows.ts";
import { runningRelease } from "../derive/running-release.ts";
import type { Facts } from "../facts/facts.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

const columnsFor = (facts: Facts): readonly Column<ServiceRow>[] => [
  { key: "service", cell: (row) => row.service },
  { key: "release", cell: (row) => orDash(row.release) },
  { key: "version", cell: (row) => versionCell(facts, row) },
  { key: "desired", cell: (row) => String(row.desired) },
  { key: "running", cell: (row) => String(row.running) },
  { key: "healthy", cell: (row) => String(row.healthy) },
  { key: "rollout", cell: (row) => rolloutCell(facts, row) },
  { key: "image", optional: true, cell: (row) => orDash(row.image) },
];

export const services: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const facts = await readFacts(context, signal);
  const rows = deriveServiceRows(facts);
  yield done(rows, [tableBlock(rows, columnsFor(facts), flags, count(rows.length, "service"))]);
};

function versionCell(facts: Facts, row: ServiceRow): string {
  const mixed = runningRelease(facts, row.service)?.mixed === true;
  return `${orDash(row.version)}${mixed ? " (mixed)" : ""}`;
}

/** The id of the one under way; of one that failed, how far it came. */
function rolloutCell(facts: Facts, row: ServiceRow): string {
  const rollout = facts.rollouts.find((one) => one.id === row.rollout);
  if (rollout?.state !== "failed") return orDash(row.rollout);
  const { updated, total } = deriveRolloutRow(rollout);
  return `failed ${updated}/${total}`;
}
