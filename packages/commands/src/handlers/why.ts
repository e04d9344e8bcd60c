import { deriveWhy, type Why } from "../derive/derive-why.ts";
import { howToRenew } from "../facts/is-outdated.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { done } from "../show/final.ts";
import { orDash, shorten } from "../show/shorten.ts";
import { tableBlock } from "../show/table.ts";
import type { ViewBlock } from "../view.ts";

export const why: Handler<NoFlags, readonly [string]> = async function* ({ flags, args }, context, signal) {
  const facts = await readFacts(context, signal);
  const { units } = orThrow(resolveUnits(facts, args, { verb: "why" }));
  const found = units.map((unit) => deriveWhy(facts, unit));
  const [only] = found;
  yield done(
    found.length === 1 && only !== undefined ? only : found,
    found.flatMap((one) => blocksOf(one, flags)),
  );
};

function blocksOf(found: Why, flags: { readonly full: boolean; readonly noLegend: boolean }): readonly ViewBlock[] {
  const name = (machine: string, hostname: string): string =>
    hostname === "" ? shorten(machine, flags.full) : hostname;
  const refusals = tableBlock(
    found.refusals,
    [
      { key: "machine", cell: (row) => name(row.machine, row.hostname) },
      { key: "refused", cell: (row) => row.reason },
    ],
    flags,
    "",
  );
  const copies = tableBlock(
    found.copies,
    [
      { key: "machine", cell: (row) => name(row.machine, row.hostname) },
      {
        key: "told",
        cell: (row) => `${orDash(row.target)}${row.target !== null && !row.acknowledged ? " (not yet done)" : ""}`,
      },
      { key: "active", cell: (row) => row.active },
      { key: "reason", cell: (row) => orDash(row.problem ?? (row.reason === found.reason ? "as above" : row.reason)) },
    ],
    flags,
    "",
  );
  return [
    {
      kind: "heading",
      text: `${found.unit}: ${found.desiredState === null ? "an orphan, nobody submitted it" : `should be ${found.desiredState}`}`,
    },
    {
      kind: "fields",
      items: [
        { label: "phase", value: orDash(found.phase) },
        { label: "reason", value: orDash(found.reason) },
        ...(found.outdated ? [{ label: "outdated", value: howToRenew(found.unit) }] : []),
      ],
    },
    ...(found.refusals.length > 0 ? [{ kind: "heading", text: "Machines that refused it" } as const, refusals] : []),
    ...(found.copies.length > 0 ? [{ kind: "heading", text: "Copies of it" } as const, copies] : []),
  ];
}
