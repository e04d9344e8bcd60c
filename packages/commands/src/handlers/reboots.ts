import { CodedError } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { deriveRebootRows, type RebootRow } from "../derive/derive-reboot-rows.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler, NoFlags } from "../grammar/define-command.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { orThrow } from "../or-throw.ts";
import { mutate } from "../requests/mutate.ts";
import { done } from "../show/final.ts";
import { orDash, shorten } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";
import { machineMutation } from "./change-machine.ts";

const COLUMNS: readonly Column<RebootRow>[] = [
  { key: "group", cell: (row) => row.group },
  { key: "hostname", cell: (row) => orDash(row.hostname) },
  { key: "phase", cell: (row) => (row.overdue ? `${row.phase}, overdue` : row.phase) },
  { key: "since", cell: (row) => row.since },
  { key: "reason", cell: (row) => row.reason },
  { key: "machine", optional: true, cell: (row, full) => shorten(row.machine, full) },
];

export const reboots: Handler<NoFlags, readonly [string | undefined, string | undefined]> = async function* (
  { flags, args },
  context,
  signal,
) {
  const [act = "status", word] = args;
  if (act === "release" && word !== undefined) yield* release(flags, { word, context }, signal);
  else if (act === "status" && word === undefined) {
    const rows = deriveRebootRows(await readFacts(context, signal));
    yield done(rows, [tableBlock(rows, COLUMNS, flags, count(rows.length, "machine"))]);
  } else
    throw new CodedError("USAGE", {
      message:
        act === "release"
          ? "reboots release: MACHINE is missing"
          : `reboots has no ${JSON.stringify([act, word].filter((one) => one !== undefined).join(" "))}`,
      why: "reboots are looked at, or a machine is taken out of them",
      try: "fleet reboots, or fleet reboots release MACHINE --reason …",
    });
};

async function* release(
  flags: GlobalFlags,
  { word, context }: { readonly word: string; readonly context: CommandContext },
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  if (flags.reason === undefined || flags.reason.trim() === "")
    throw new CodedError("USAGE", {
      message: "reboots release: --reason is missing",
      why: "whoever reads the audit log must know why the next machine may reboot although this one did not say that it is well",
      try: `fleet reboots release ${word} --reason 'its disk is dead'`,
    });
  const machine = orThrow(resolveMachine(await readFacts(context, signal), word));
  const name = hostnameOf(machine);
  const action = { verb: "reboots" as const, release: machine.machine };
  const said = { doing: `Taking ${name} out of its group`, did: "is out of its group: the next machine's turn" };
  yield* mutate(machineMutation({ action, flags, name, ...said }), context, signal);
}
