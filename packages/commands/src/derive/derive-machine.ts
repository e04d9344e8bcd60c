import type { Metadata, UnitName } from "@quarterdeck/model";
import { copiesOf } from "../facts/copies-of.ts";
import type { Facts, MachineFacts } from "../facts/facts.ts";
import { deriveMachineRow, type MachineRow } from "./derive-machine-rows.ts";
import { reasonLine } from "./reason-line.ts";

/** One machine: the JSON of `machine ID`. Of one that is lost, as it was last seen. */
export type MachineDetail = MachineRow & {
  readonly zone: string | null;
  readonly os: string | null;
  /** By what they are of: agent, systemd, kernel. */
  readonly versions: Readonly<Record<string, string>>;
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  readonly bootId: string | null;
  /** When its agent started. */
  readonly agentSince: string | null;
  readonly lostAt: string | null;
  readonly cordoned: boolean;
  /** The drain that it was cordoned by; `null` for none. */
  readonly drain: {
    readonly state: "running" | "done" | "failed";
    readonly moved: number;
    readonly total: number;
    readonly reason: string;
    readonly startedAt: string;
    readonly endedAt: string | null;
  } | null;
  /** Part of `metadata`: what operators set; an empty value hides what the machine says of itself. */
  readonly setMetadata: Metadata;
  readonly units: readonly MachineUnit[];
};

/** A unit that the machine is told to have, or has. */
export type MachineUnit = {
  readonly unit: UnitName;
  /** What the machine is told to do with it; `null` for an orphan. */
  readonly target: "launched" | "loaded" | "absent" | "absentAfter" | null;
  /** systemd's word, or `lost`; `null` while the machine has not reported it. */
  readonly active: string | null;
  readonly sub: string | null;
  readonly health: string | null;
};

export function deriveMachine(facts: Facts, machine: MachineFacts): MachineDetail {
  const seen = machine.presence ?? machine.record?.lastPresence ?? null;
  return {
    ...deriveMachineRow(machine),
    zone: seen?.zone ?? null,
    os: seen?.os ?? null,
    versions: seen?.versions ?? {},
    cpus: seen?.capacity.cpus ?? null,
    memoryMiB: seen?.capacity.memoryMiB ?? null,
    bootId: seen?.bootId ?? null,
    agentSince: seen?.startedAt ?? null,
    lostAt: machine.record?.lostAt ?? null,
    cordoned: machine.record?.cordoned ?? false,
    drain: drainOf(facts, machine),
    setMetadata: machine.record?.metadata ?? {},
    units: unitsOn(facts, machine),
  };
}

/** Every copy on the machine, by unit. */
function unitsOn(facts: Facts, machine: MachineFacts): readonly MachineUnit[] {
  const here = [...facts.schedule, ...facts.states].filter((one) => one.machine === machine.machine);
  return [...new Set(here.map(({ unit }) => unit))]
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .flatMap((unit) =>
      copiesOf(facts, unit)
        .filter((copy) => copy.machine === machine.machine)
        .map((copy) => ({ unit, copy })),
    )
    .map(({ unit, copy: { entry, state, live } }) => ({
      unit,
      target: entry?.target.kind ?? null,
      active: live || state === null ? (state?.active ?? null) : "lost",
      sub: live ? (state?.sub ?? null) : null,
      health: live && state !== null && state.health !== "none" ? state.health : null,
    }));
}

function drainOf(facts: Facts, { machine, record }: MachineFacts): MachineDetail["drain"] {
  const found = facts.relocations.find((one) => one.kind === "drain" && one.machine === machine);
  if (found === undefined || record?.cordoned !== true) return null;
  const { state, moves, reason, startedAt, endedAt } = found;
  return {
    state: state === "ordered" ? "running" : state,
    moved: moves.filter((move) => move.state === "done").length,
    total: moves.length,
    reason: reasonLine(reason),
    startedAt,
    endedAt,
  };
}
