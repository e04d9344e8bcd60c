import { deriveEtcdMemberRows, type EtcdMemberRow } from "../derive/derive-etcd-member-rows.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

const COLUMNS: readonly Column<EtcdMemberRow>[] = [
  { key: "id", cell: (row) => row.id },
  { key: "name", cell: (row) => orDash(row.name) },
  { key: "endpoint", cell: (row) => row.endpoint },
  { key: "healthy", cell: (row) => String(row.healthy) },
  { key: "leader", cell: (row) => orDash(row.leader === null ? null : String(row.leader)) },
  { key: "version", cell: (row) => orDash(row.version) },
  {
    key: "size",
    cell: (row) => (row.databaseBytes === null ? "-" : `${(row.databaseBytes / 1_048_576).toFixed(1)} MiB`),
  },
  { key: "alarms", cell: (row) => orDash(row.alarms?.join(",")) },
];

export const etcdMembers: Handler<NoFlags, readonly []> = async function* ({ flags }, context, signal) {
  const [members, health] = await Promise.all([context.etcd.raw.members(signal), context.etcd.health(signal)]);
  const rows = deriveEtcdMemberRows(members, health);
  yield done(rows, [tableBlock(rows, COLUMNS, flags, count(rows.length, "member"))]);
};
