import { deriveReleaseRows, type ReleaseRow } from "../derive/derive-release-rows.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveService } from "../names/resolve-service.ts";
import { orThrow } from "../or-throw.ts";
import { done } from "../show/final.ts";
import { orDash, shorten } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

const COLUMNS: readonly Column<ReleaseRow>[] = [
  { key: "release", cell: (row) => `${row.release}${row.current ? " *" : ""}` },
  { key: "version", cell: (row) => row.version },
  { key: "by", cell: (row) => orDash(row.by) },
  { key: "at", cell: (row) => row.at },
  { key: "why", cell: (row) => orDash(row.why) },
  { key: "image", optional: true, cell: (row) => row.image },
  { key: "hash", optional: true, cell: (row, full) => shorten(row.hash, full) },
];

export const releases: Handler<NoFlags, readonly [string]> = async function* ({ flags, args }, context, signal) {
  const facts = await readFacts(context, signal);
  const { service } = orThrow(resolveService(facts, args[0], "releases"));
  const rows = deriveReleaseRows(facts, service);
  yield done(rows, [tableBlock(rows, COLUMNS, flags, `${count(rows.length, "release")} of ${service}`)]);
};
