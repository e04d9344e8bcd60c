import { deriveMachine, type MachineDetail, type MachineUnit } from "../derive/derive-machine.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { orThrow } from "../or-throw.ts";
import { done } from "../show/final.ts";
import { metadataCell, orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export const machine: Handler<NoFlags, readonly [string]> = async function* ({ flags, args }, context, signal) {
  const facts = await readFacts(context, signal);
  const found = deriveMachine(facts, orThrow(resolveMachine(facts, args[0])));
  yield done(found, [
    { kind: "heading", text: `${found.hostname}: ${found.state}` },
    { kind: "fields", items: fieldsOf(found) },
    ...(found.units.length === 0
      ? [{ kind: "note", tone: "neutral", text: "no units" } as const]
      : [tableBlock(found.units, COLUMNS, flags, count(found.units.length, "unit"))]),
  ]);
};

const COLUMNS: readonly Column<MachineUnit>[] = [
  { key: "unit", cell: (row) => row.unit },
  { key: "told", cell: (row) => orDash(row.target) },
  { key: "active", cell: (row) => orDash(row.active) },
  { key: "sub", cell: (row) => orDash(row.sub) },
  { key: "health", cell: (row) => orDash(row.health) },
];

function fieldsOf(found: MachineDetail): readonly { readonly label: string; readonly value: string }[] {
  const versions = Object.entries(found.versions).map(([of, version]) => `${of} ${version}`);
  return [
    { label: "machine", value: found.machine },
    { label: "ip", value: orDash(found.ip) },
    { label: "zone", value: orDash(found.zone) },
    { label: "metadata", value: metadataCell(found.metadata) },
    { label: "set by hand", value: metadataCell(found.setMetadata) },
    { label: "os", value: [found.os ?? "", ...versions].filter((part) => part !== "").join(", ") },
    { label: "capacity", value: found.cpus === null ? "-" : `${found.cpus} CPUs, ${found.memoryMiB} MiB` },
    { label: "agent since", value: orDash(found.agentSince) },
    { label: "lost since", value: orDash(found.lostAt) },
    { label: "takes units", value: found.cordoned ? "no, it is cordoned" : "yes" },
    ...(found.drain === null ? [] : [{ label: "drain", value: drainLine(found.drain) }]),
  ];
}

function drainLine({ state, moved, total, reason }: NonNullable<MachineDetail["drain"]>): string {
  return state === "running" ? `going on, ${moved} of ${total} moved` : `${state}: ${reason}`;
}
