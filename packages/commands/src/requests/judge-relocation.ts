import { assertNever, type Move, type Problem, type Relocation, type RelocationId } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { moveNow, moveSteps, nameOf, refusalsOf } from "./move-steps.ts";
import type { Judge } from "./verdict.ts";

/** A drain is true when nothing is left on the machine that could go; a rebalance when its moves are done. */
export function judgeRelocation(id: RelocationId): Judge {
  return (facts, _, now) => {
    const relocation = facts.relocations.find((one) => one.id === id);
    if (relocation === undefined) return { kind: "waiting", steps: [], text: "waits for its moves to be planned" };
    const steps = moveSteps(facts, relocation, now);
    switch (relocation.state) {
      case "ordered":
        return { kind: "waiting", steps, text: "its moves are being planned" };
      case "running":
        return {
          kind: "waiting",
          steps,
          text: underWay(facts, relocation, now),
          // Seconds that pass are no progress.
          mark: JSON.stringify(relocation.moves.map(({ state, to }) => [state, to])),
        };
      case "done": {
        const problem = relocation.kind === "drain" ? stayed(facts, relocation) : null;
        if (problem !== null) return { kind: "failed", steps, problem, culprit: null };
        return { kind: "true", steps, text: doneText(facts, relocation), reason: relocation.reason };
      }
      case "failed": {
        const failed = relocation.moves.find(({ state }) => state === "failed");
        const unit = failed?.units[0];
        const culprit = failed?.to == null || unit === undefined ? null : { unit, machine: failed.to };
        return { kind: "failed", steps, problem: failure(relocation, unit), culprit };
      }
      default:
        return assertNever(relocation.state);
    }
  };
}

function underWay(facts: Facts, { moves }: Relocation, now: number): string {
  const done = moves.filter(({ state }) => state === "done").length;
  const moving = moves.find(({ state }) => state === "moving");
  const ahead = `${done} of ${moves.length} moved`;
  return moving === undefined ? ahead : `${ahead}; ${moving.units.join(", ")}: ${moveNow(facts, moving, now)}`;
}

function doneText(facts: Facts, { kind, machine, moves, reason }: Relocation): string {
  const moved = moves.filter(({ state }) => state === "done").length;
  const everywhere = moves.filter(({ state }) => state === "stays").flatMap(({ units }) => units);
  if (kind === "rebalance" || machine === null) return moves.length === 0 ? "nothing to move" : reason.text;
  const global = everywhere.length === 0 ? "" : `; ${everywhere.join(", ")} stays, being Global`;
  return `${nameOf(facts, machine)} is drained and cordoned: ${moved} moved${global}`;
}

/** Global units are meant to stay; what else does keeps the machine from being empty. */
function stayed(facts: Facts, { machine, moves }: Relocation): Problem | null {
  const stays = moves.filter(({ state, reason }) => state === "stays" && reason?.code !== "GLOBAL_UNIT");
  const [first] = stays;
  if (first === undefined || machine === null) return null;
  const name = nameOf(facts, machine);
  const names = stays.flatMap(({ units }) => units);
  if (first.reason?.code === "REQUESTED")
    return {
      code: "CONFLICT",
      message: `the drain of ${name} was ended: it was uncordoned meanwhile`,
      why: `not moved: ${names.join(", ")}`,
      try: `fleet drain ${name}`,
    };
  return {
    code: "UNPLACEABLE",
    message: `${names.join(", ")} can go nowhere else and ${names.length === 1 ? "stays" : "stay"} on ${name}`,
    why: stays.map((move) => why(facts, move)).join("; "),
    whoCanFix: "whoever writes the unit file, or runs the machines",
    try: `fleet why ${names[0]}`,
  };
}

function why(facts: Facts, move: Move): string {
  return `${move.units.join(", ")}: ${refusalsOf(facts, move) || (move.reason?.text ?? "")}`;
}

function failure({ kind, moves, reason }: Relocation, unit: string | undefined): Problem {
  const left = moves.filter(({ state }) => state === "pending").length;
  return {
    code: "UNHEALTHY",
    message: `the ${kind} stopped: ${reason.text}`,
    ...(left === 0 ? {} : { why: `${left} more ${left === 1 ? "was" : "were"} not begun` }),
    try: unit === undefined ? "fleet status" : `fleet journal ${unit}`,
  };
}
