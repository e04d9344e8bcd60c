import type { EtcdMember } from "@quarterdeck/etcd";
import type { MachineId, Problem, RolloutId, RolloutState, UnitName } from "@quarterdeck/model";
import { copiesOf, isUp, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { deriveMachineRows } from "./derive-machine-rows.ts";
import { deriveRebootRows } from "./derive-reboot-rows.ts";
import { deriveRolloutRow } from "./derive-rollout-row.ts";
import { newestRollout } from "./derive-service-rows.ts";
import { reasonLine } from "./reason-line.ts";

/** The cluster on one screen: the JSON of `status`. */
export type ClusterStatus = {
  /** etcd's, of the read. */
  readonly revision: number;
  /** How old the read was when it was shown. */
  readonly ageSeconds: number;
  /** `down`: nothing that should be can change now · `degraded`: there is a problem. */
  readonly health: "ok" | "degraded" | "down";
  readonly etcd: { readonly members: number; readonly healthy: number; readonly leader: string | null };
  readonly engine: { readonly leader: { readonly machine: string; readonly hostname: string } | null };
  readonly machines: readonly {
    readonly machine: MachineId;
    readonly hostname: string;
    readonly ip: string;
    readonly state: string;
  }[];
  /** In copies: a global unit counts once a machine. `failed` counts also what its agent could not bring up at all. */
  readonly units: {
    readonly desired: number;
    readonly active: number;
    readonly failed: number;
    readonly unplaced: number;
  };
  /** Under way. */
  readonly rollouts: readonly {
    readonly rollout: RolloutId;
    readonly service: string;
    readonly version: string;
    readonly state: RolloutState;
    readonly updated: number;
    readonly total: number;
  }[];
  readonly problems: readonly StatusProblem[];
};

type StatusProblem = {
  readonly code:
    | "ETCD_NO_QUORUM"
    | "ETCD_MEMBER_DOWN"
    | "NO_ENGINE"
    | "NO_MACHINES"
    | "MACHINE_LOST"
    | "BRAKED"
    | "REBOOT_OVERDUE"
    | "UNIT_FAILED"
    | "UNIT_REFUSED"
    | "UNIT_UNHEALTHY"
    | "UNIT_UNPLACED"
    | "ROLLOUT_FAILED";
  readonly message: string;
};

export function deriveStatus(facts: Facts, members: readonly EtcdMember[], ageSeconds: number): ClusterStatus {
  const healthy = members.filter((member) => member.healthy).length;
  const problems = [
    ...etcdProblems(members, healthy),
    ...engineProblems(facts),
    ...brakeProblems(facts),
    ...rebootProblems(facts),
    ...machineProblems(facts),
    ...unitProblems(facts),
    ...rolloutProblems(facts),
  ];
  const down = problems.some((problem) => problem.code === "ETCD_NO_QUORUM" || problem.code === "NO_ENGINE");
  return {
    revision: Number(facts.revision),
    ageSeconds,
    health: down ? "down" : problems.length > 0 ? "degraded" : "ok",
    etcd: { members: members.length, healthy, leader: members.find((member) => member.leader === true)?.name ?? null },
    engine: {
      leader: facts.leader === null ? null : { machine: facts.leader.machine, hostname: facts.leader.hostname },
    },
    machines: deriveMachineRows(facts).map(({ machine, hostname, ip, state }) => ({ machine, hostname, ip, state })),
    units: countUnits(facts),
    rollouts: facts.rollouts
      .filter((rollout) => rollout.state === "running")
      .map(deriveRolloutRow)
      .map(({ rollout, service, version, state, updated, total }) => ({
        rollout,
        service,
        version,
        state,
        updated,
        total,
      })),
    problems,
  };
}

function countUnits(facts: Facts): ClusterStatus["units"] {
  let desired = 0;
  let active = 0;
  let failed = 0;
  let unplaced = 0;
  for (const [unit, { value }] of facts.units) {
    const copies = copiesOf(facts, unit).filter((copy) => copy.live);
    const status = facts.statuses.get(unit)?.value;
    if (value.target === "launched") desired += status?.phase === "global" ? copies.filter(isWanted).length : 1;
    active += copies.filter((copy) => copy.state?.active === "active").length;
    failed += copies.filter(hasFailed).length;
    if (value.target !== "inactive" && status?.phase === "unplaced") unplaced += 1;
  }
  return { desired, active, failed, unplaced };
}

const isWanted = (copy: Copy): boolean => copy.entry?.target.kind === "launched";

const hasFailed = (copy: Copy): boolean =>
  copy.state?.active === "failed" || (copy.state?.active === "inactive" && refusalOf(copy) !== null);

/**
 * What keeps a copy from being what its entry asks for; `null` when nothing does. A start that failed is over as soon as the unit is up:
 * systemd may have tried it again.
 */
function refusalOf({ entry, state }: Copy): Problem | null {
  const kept = entry?.target.kind === "launched" || entry?.target.kind === "loaded";
  if (!kept || state === null || state.problem === null) return null;
  const late = state.problem.code === "UNIT_FAILED" || state.problem.code === "FAILED";
  return late && isUp(state) ? null : state.problem;
}

function etcdProblems(members: readonly EtcdMember[], healthy: number): readonly StatusProblem[] {
  if (healthy * 2 <= members.length)
    return [
      { code: "ETCD_NO_QUORUM", message: `${healthy} of ${members.length} etcd members answer: nothing can change` },
    ];
  return members
    .filter((member) => !member.healthy)
    .map((member) => ({
      code: "ETCD_MEMBER_DOWN",
      message: `etcd member ${member.name === "" ? member.id : member.name} does not answer`,
    }));
}

function engineProblems(facts: Facts): readonly StatusProblem[] {
  return facts.leader === null ? [{ code: "NO_ENGINE", message: "no engine leads: requests wait" }] : [];
}

function brakeProblems({ brake }: Facts): readonly StatusProblem[] {
  if (brake === null || brake.on === null) return [];
  return [{ code: "BRAKED", message: `${brake.on.reason.text}; try fleet brake release --reason …` }];
}

function rebootProblems(facts: Facts): readonly StatusProblem[] {
  return deriveRebootRows(facts)
    .filter(({ overdue }) => overdue)
    .map(({ hostname, machine, group, reason }) => ({
      code: "REBOOT_OVERDUE",
      message: `${hostname} (${machine.slice(0, 8)}) in group ${group}: ${reason}; try fleet reboots`,
    }));
}

function machineProblems(facts: Facts): readonly StatusProblem[] {
  const rows = deriveMachineRows(facts);
  if (rows.length === 0) return [{ code: "NO_MACHINES", message: "no machine has joined" }];
  return rows
    .filter((row) => row.state === "lost")
    .map((row) => ({ code: "MACHINE_LOST", message: `${row.hostname} (${row.machine.slice(0, 8)}) is lost` }));
}

function unitProblems(facts: Facts): readonly StatusProblem[] {
  return [...facts.units].flatMap(([unit, { value }]) => {
    const status = facts.statuses.get(unit)?.value;
    if (value.target !== "inactive" && status?.phase === "unplaced") {
      return [
        {
          code: "UNIT_UNPLACED" as const,
          message: `${unit} is nowhere: ${reasonLine(status.reason)}; try fleet why ${unit}`,
        },
      ];
    }
    return copiesOf(facts, unit).flatMap((copy) => copyProblem(unit, copy));
  });
}

function copyProblem(unit: UnitName, copy: Copy): readonly StatusProblem[] {
  if (!copy.live || copy.state === null) return [];
  const where = copy.at?.presence?.hostname ?? copy.machine.slice(0, 8);
  if (copy.state.active === "failed")
    return [{ code: "UNIT_FAILED", message: `${unit} on ${where} failed (${copy.state.result})` }];
  const refusal = refusalOf(copy);
  if (refusal !== null)
    return [
      {
        code: "UNIT_REFUSED",
        message: `${unit} on ${where}: ${refusal.code}: ${refusal.message}; try fleet status ${unit}`,
      },
    ];
  const unhealthy = copy.state.active === "active" && copy.state.health === "failing";
  return unhealthy ? [{ code: "UNIT_UNHEALTHY", message: `${unit} on ${where}: ${copy.state.healthDetail}` }] : [];
}

/** Only of services whose newest rollout it is: an older failure was answered by a later deploy. */
function rolloutProblems(facts: Facts): readonly StatusProblem[] {
  return [...facts.services.values()].flatMap((service) => {
    const rollout = newestRollout(facts, service.service);
    if (rollout?.state !== "failed") return [];
    return [
      {
        code: "ROLLOUT_FAILED" as const,
        message: `${rollout.service} ${rollout.version}: ${reasonLine(rollout.reason)}; try fleet rollout ${rollout.service}`,
      },
    ];
  });
}
