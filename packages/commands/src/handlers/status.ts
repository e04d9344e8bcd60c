import type { EtcdMember } from "@quarterdeck/etcd";
import type { CommandContext } from "../command-context.ts";
import type { CommandUpdate } from "../command-update.ts";
import { deriveMachineRows } from "../derive/derive-machine-rows.ts";
import { deriveStatus, type ClusterStatus } from "../derive/derive-status.ts";
import type { Facts } from "../facts/facts.ts";
import { readFacts } from "../facts/read-facts.ts";
import type { Handler } from "../grammar/define-command.ts";
import type { GlobalFlags } from "../grammar/global-flags.ts";
import { done } from "../show/final.ts";
import { orDash } from "../show/shorten.ts";
import { tableBlock } from "../show/table.ts";
import type { ViewBlock } from "../view.ts";
import { MACHINE_COLUMNS } from "./list-machines.ts";
import { unitStatus, type UnitStatusFlags } from "./unit-status.ts";

/** Without a name the cluster on one screen; with names fleetctl's `status`. */
export const status: Handler<UnitStatusFlags, readonly string[]> = async function* (input, context, signal) {
  if (input.args.length > 0) yield* unitStatus(input, context, signal);
  else yield* clusterStatus(input.flags, context, signal);
};

async function* clusterStatus(
  flags: GlobalFlags,
  context: CommandContext,
  signal: AbortSignal,
): AsyncIterable<CommandUpdate> {
  const [members, facts] = await Promise.all([context.etcd.raw.members(signal), readFactsTimed(context, signal)]);
  const found = deriveStatus(facts.facts, members, Math.max(0, context.clock.now() - facts.at) / 1000);
  yield done(found, blocksOf(found, { facts: facts.facts, members, flags, cluster: context.cluster?.name }));
}

async function readFactsTimed(
  context: CommandContext,
  signal: AbortSignal,
): Promise<{ readonly facts: Facts; readonly at: number }> {
  const facts = await readFacts(context, signal);
  return { facts, at: context.clock.now() };
}

type Shown = {
  readonly facts: Facts;
  readonly members: readonly EtcdMember[];
  readonly flags: GlobalFlags;
  readonly cluster: string | undefined;
};

function blocksOf(status: ClusterStatus, { facts, flags, cluster }: Shown): readonly ViewBlock[] {
  const rows = deriveMachineRows(facts).toSorted(
    (a, b) => Number(a.state === "running") - Number(b.state === "running"),
  );
  const running = rows.filter((row) => row.state !== "lost").length;
  const leader = status.engine.leader;
  const fields =
    flags.fields === undefined || flags.fields.length === 0
      ? ["machine", "hostname", "ip", "state", "metadata"]
      : flags.fields;
  return [
    {
      kind: "heading",
      text: `${cluster ?? "cluster"}: ${status.health} - ${running} of ${rows.length} machines running`,
    },
    {
      kind: "fields",
      items: [
        {
          label: "etcd",
          value: `${status.etcd.healthy} of ${status.etcd.members} members healthy, leader ${orDash(status.etcd.leader)}`,
        },
        { label: "engine", value: leader === null ? "no leader" : `led by ${leader.hostname}` },
        {
          label: "units",
          value: `${status.units.active} active of ${status.units.desired} wanted, ${status.units.failed} failed, ${status.units.unplaced} unplaced`,
        },
        { label: "rollouts", value: rolloutsLine(status) },
      ],
    },
    tableBlock(rows, MACHINE_COLUMNS, { ...flags, fields }, `${rows.length} machines`),
    ...status.problems.map((problem): ViewBlock => ({
      kind: "note",
      tone: status.health === "down" ? "bad" : "warning",
      text: `${problem.code}: ${problem.message}`,
    })),
    { kind: "note", tone: "neutral", text: `as of revision ${status.revision}, ${status.ageSeconds.toFixed(1)} s ago` },
  ];
}

function rolloutsLine(status: ClusterStatus): string {
  if (status.rollouts.length === 0) return "none under way";
  return status.rollouts
    .map((rollout) => `${rollout.service} ${rollout.version}: ${rollout.updated} of ${rollout.total}`)
    .join("; ");
}
