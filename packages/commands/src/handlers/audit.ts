import { exportAudit, readAuditLog, verifyAudit, type AuditPlace } from "@quarterdeck/etcd";
import { CodedError } from "@quarterdeck/model";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { deriveAuditRow, type AuditRow } from "../derive/derive-audit-row.ts";
import type { Handler } from "../grammar/define-command.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import type { Since } from "../grammar/parse-since.ts";
import { appliedMutation } from "../requests/applied-mutation.ts";
import { mutate } from "../requests/mutate.ts";
import { auditVerdictView } from "../show/audit-verdict.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { count, tableBlock, type Column } from "../show/table.ts";

export type AuditFlags = {
  readonly by?: string;
  readonly since?: Since;
  readonly verify: boolean;
  readonly kept?: AuditPlace;
  readonly export: boolean;
  readonly exported?: AuditPlace;
};

/** Of a list in Slack, where a message holds no more. */
const SLACK_ROWS = 20;
const EXPORT_LINES = 500;
const CELL = 72;

const COLUMNS: readonly Column<AuditRow>[] = [
  { key: "time", cell: (row) => orDash(row.at) },
  { key: "actor", cell: (row) => orDash(row.actor) },
  { key: "act", cell: (row) => orDash(row.act) },
  { key: "subjects", cell: (row, full) => orDash(cut(row.subjects.join(","), full)) },
  { key: "outcome", cell: (row, full) => cut(row.outcome, full) },
  { key: "why", optional: true, cell: (row) => orDash(row.why) },
  { key: "sequence", optional: true, cell: (row) => orDash(row.sequence) },
  { key: "principal", optional: true, cell: (row) => orDash(row.principal) },
  { key: "request", optional: true, cell: (row) => orDash(row.request) },
];

export const audit: Handler<AuditFlags, readonly []> = async function* ({ flags }, context, signal) {
  checkFlags(flags, context);
  if (flags.export) {
    yield* exported(context, signal);
  } else if (flags.exported !== undefined) {
    yield* acknowledged(flags.exported, { flags, context }, signal);
  } else if (flags.verify || flags.kept !== undefined) {
    const kept = flags.kept ?? null;
    const options = { ca: await context.clusterCa(), ...(kept === null ? {} : { kept }) };
    const view = auditVerdictView(await verifyAudit(context.etcd, options, signal), kept);
    yield { kind: "done", final: true, view };
  } else yield await listed(flags, context, signal);
};

async function listed(
  flags: AuditFlags & GlobalFlags,
  context: CommandContext,
  signal: AbortSignal,
): Promise<CommandUpdate> {
  const { since = null, by = null } = flags;
  const sinceMs =
    since === null ? null : since.kind === "at" ? since.epochMs : context.clock.now() - since.seconds * 1000;
  const most = context.surface === "slack" && flags.output === "table" ? SLACK_ROWS : Number.POSITIVE_INFINITY;
  const rows: AuditRow[] = [];
  let found = 0;
  for await (const stored of (await readAuditLog(context.etcd, signal)).entries) {
    const row = deriveAuditRow(stored, { by, sinceMs });
    if (row === null) continue;
    found += 1;
    rows.push(row);
    if (rows.length > most) rows.shift();
  }
  const all = count(found, "entry", "entries");
  const caption = rows.length === found ? all : `the newest ${rows.length} of ${all}; a terminal shows the others`;
  return done(rows, [tableBlock(rows, COLUMNS, flags, caption)]);
}

async function* exported(context: CommandContext, signal: AbortSignal): AsyncIterable<CommandUpdate> {
  let lines: string[] = [];
  for await (const line of exportAudit(context.etcd, signal)) {
    lines.push(line);
    if (lines.length < EXPORT_LINES) continue;
    yield { kind: "lines", final: false, lines };
    lines = [];
  }
  yield { kind: "lines", final: false, lines };
  yield done(null, []);
}

/** Only the log that has this entry is told that it was exported: else the wrong one would lose its past. */
async function* acknowledged(
  place: AuditPlace,
  { flags, context }: { readonly flags: GlobalFlags; readonly context: CommandContext },
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const verdict = await verifyAudit(context.etcd, { ca: await context.clusterCa(), kept: place }, signal);
  if (!verdict.ok) {
    yield { kind: "done", final: true, view: auditVerdictView(verdict, place) };
    return;
  }
  yield* mutate(
    appliedMutation({
      action: { verb: "audit", exported: place },
      flags,
      heading: `Noting that the audit log was exported up to ${place.sequence}`,
    }),
    context,
    signal,
  );
}

/** @throws {CodedError} USAGE for flags that contradict each other: a part of the log can neither be verified nor exported */
function checkFlags(flags: AuditFlags & GlobalFlags, { surface }: CommandContext): void {
  const kept = flags.kept !== undefined;
  const whole = [
    ...(flags.export ? ["--export"] : []),
    ...(flags.exported === undefined ? [] : ["--exported"]),
    ...(flags.verify ? ["--verify"] : []),
    ...(kept && !flags.verify ? ["--kept"] : []),
  ];
  const [one, other] = whole;
  if (one === undefined) return;
  if (flags.by !== undefined || flags.since !== undefined)
    throw usage(`${one} is about the whole log, --by and --since are about parts of it`, `fleet audit ${one}`);
  if (other !== undefined || (kept && one !== "--kept" && one !== "--verify"))
    throw usage(`${one} and ${other ?? "--kept"} are two things`, `fleet audit ${other ?? "--verify"}`);
  if (one !== "--export" && one !== "--exported") return;
  if (surface === "slack") throw usage(`${one} works in a terminal only`, `in a terminal: fleet audit ${one}`);
  if (flags.export && flags.output === "json")
    throw usage("--export writes lines of JSON, and -o json one document", "fleet audit --export");
}

function usage(message: string, remedy: string): CodedError {
  return new CodedError("USAGE", { message, try: remedy });
}

function cut(text: string, full: boolean): string {
  const characters = Array.from(text);
  return full || characters.length <= CELL ? text : `${characters.slice(0, CELL - 3).join("")}...`;
}
