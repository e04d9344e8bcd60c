import { CodedError, type MachineId, type UnitName } from "@quarterdeck/model";
import { askAgent } from "../agent/ask-agent.ts";
import { agentAddress, tailJournal } from "../agent/tail-journal.ts";
import type { CommandContext } from "../command-context.ts";
import { copiesOf, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { howToRenew, isOutdated } from "../facts/is-outdated.ts";
import { addressOf, hostnameOf } from "../facts/machine-words.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import { resolveMachine } from "../names/resolve-machine.ts";
import { resolveUnits } from "../names/resolve-units.ts";
import { orThrow } from "../or-throw.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import type { ViewBlock } from "../view.ts";

const MOST_LINES = 1000;

export type UnitStatusFlags = { readonly machine?: string; readonly lines?: number };

/** One copy of a unit, and what it said last: an element of the JSON of `status UNIT…`. */
type UnitStatusRow = {
  readonly unit: UnitName;
  /** `null`, as most of the others: the unit is nowhere. */
  readonly machine: MachineId | null;
  readonly hostname: string | null;
  readonly ip: string | null;
  readonly desiredState: string | null;
  readonly load: string | null;
  readonly active: string;
  readonly sub: string | null;
  readonly result: string | null;
  readonly health: string | null;
  readonly healthDetail: string | null;
  readonly restarts: number | null;
  readonly since: string | null;
  readonly release: number | null;
  /** What runs, or should while it is nowhere, is older than the template of the instance. */
  readonly outdated: boolean;
  readonly problem: string | null;
  /** `null` when the agent cannot be asked. */
  readonly journal: readonly string[] | null;
};

/** A row, and the unit as systemctl shows it on its machine; `null` when its agent cannot be asked. */
type Shown = { readonly row: UnitStatusRow; readonly shown: string | null };

export const unitStatus: Handler<UnitStatusFlags, readonly string[]> = async function* (
  { flags, args },
  context,
  signal,
) {
  const facts = await readFacts(context, signal);
  const { units } = orThrow(resolveUnits(facts, args, { verb: "status" }));
  const only = flags.machine === undefined ? null : orThrow(resolveMachine(facts, flags.machine)).machine;
  const lines = flags.lines ?? 10;
  if (lines > MOST_LINES)
    throw new CodedError("USAGE", {
      message: `--lines ${lines} is more than ${MOST_LINES}`,
      try: `fleet journal ${units[0] ?? ""} --lines ${lines}`,
    });
  const found: Shown[] = [];
  for (const unit of units) {
    const copies = copiesOf(facts, unit).filter((copy) => only === null || copy.machine === only);
    if (copies.length === 0) found.push({ row: nowhere(facts, unit), shown: null });
    for (const copy of copies) found.push(await showCopy({ facts, unit, copy, lines }, context, signal));
  }
  yield done(
    found.map(({ row }) => row),
    found.flatMap(blocksOf),
  );
};

function nowhere(facts: Facts, unit: UnitName): UnitStatusRow {
  const nothing = {
    machine: null,
    hostname: null,
    ip: null,
    load: null,
    sub: null,
    result: null,
    health: null,
    healthDetail: null,
    restarts: null,
    since: null,
    release: null,
    journal: null,
  };
  const reason = facts.statuses.get(unit)?.value.reason.text ?? null;
  return {
    ...nothing,
    unit,
    desiredState: facts.units.get(unit)?.value.target ?? null,
    active: "inactive",
    outdated: isOutdated(facts, unit, facts.units.get(unit)?.value.hash ?? null),
    problem: reason,
  };
}

type Of = { readonly facts: Facts; readonly unit: UnitName; readonly copy: Copy; readonly lines: number };

async function showCopy(
  { facts, unit, copy, lines }: Of,
  context: CommandContext,
  signal: AbortSignal,
): Promise<Shown> {
  const { state, at, live } = copy;
  const tail = { unit, machine: copy.machine, lines };
  const [journal, shown] = live
    ? await Promise.all([
        tailJournal(context, facts, tail, signal),
        askAgent(
          context,
          async (until) => context.agent.status(agentAddress(facts, copy.machine), { unit, lines }, until),
          signal,
        ),
      ])
    : [null, null];
  const row = {
    unit,
    machine: copy.machine,
    hostname: at === null ? null : hostnameOf(at),
    ip: at === null ? null : addressOf(at),
    desiredState: facts.units.get(unit)?.value.target ?? null,
    load: state?.load ?? null,
    active: live ? (state?.active ?? "unknown") : "lost",
    sub: live ? (state?.sub ?? null) : null,
    result: state?.result ?? null,
    health: state === null || state.health === "none" ? null : state.health,
    healthDetail: state === null || state.healthDetail === "" ? null : state.healthDetail,
    restarts: state?.restarts ?? null,
    since: state?.since ?? null,
    release: state?.release ?? null,
    outdated: isOutdated(facts, unit, state?.hash ?? null),
    problem: state?.problem?.message ?? (journal?.ok === false ? journal.error.message : null),
    journal: journal?.ok === true ? journal.value : null,
  };
  return { row, shown: shown?.ok === true ? shown.value : null };
}

/** What systemctl says on the machine, and around it what only the cluster knows. */
function blocksOf({ row, shown }: Shown): readonly ViewBlock[] {
  const where =
    row.machine === null ? "nowhere" : `${orDash(row.hostname)} (${row.machine.slice(0, 8)}.../${orDash(row.ip)})`;
  return [
    { kind: "heading", text: `${row.unit} on ${where}` },
    { kind: "fields", items: [...(shown === null ? reported(row) : []), ...ofTheCluster(row)] },
    ...(row.problem === null ? [] : [{ kind: "note", tone: "warning", text: row.problem } as const]),
    ...(shown === null ? said(row) : [{ kind: "code", language: "text", text: shown } as const]),
  ];
}

type Field = { readonly label: string; readonly value: string };

function ofTheCluster(row: UnitStatusRow): readonly Field[] {
  const detail = row.healthDetail === null ? "" : `: ${row.healthDetail}`;
  return [
    { label: "Desired", value: orDash(row.desiredState) },
    ...(row.health === null ? [] : [{ label: "Health", value: `${row.health}${detail}` }]),
    ...(row.release === null ? [] : [{ label: "Release", value: String(row.release) }]),
    ...(row.outdated ? [{ label: "Outdated", value: howToRenew(row.unit) }] : []),
    ...(row.restarts === null || row.restarts === 0 ? [] : [{ label: "Restarts", value: String(row.restarts) }]),
  ];
}

/** What the agent reported last, for when the machine cannot be asked. */
function reported(row: UnitStatusRow): readonly Field[] {
  const active =
    row.sub === null ? row.active : `${row.active} (${row.sub})${row.since === null ? "" : ` since ${row.since}`}`;
  return [
    { label: "Loaded", value: orDash(row.load) },
    { label: "Active", value: active },
    ...(row.result === null || row.result === "success" ? [] : [{ label: "Result", value: row.result }]),
  ];
}

function said({ journal }: UnitStatusRow): readonly ViewBlock[] {
  return journal === null || journal.length === 0 ? [] : [{ kind: "code", language: "text", text: journal.join("\n") }];
}
