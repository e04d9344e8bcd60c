import type { Problem, UnitName, UnitState } from "@quarterdeck/model";
import { copiesOf, isCurrent, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import { incarnationOf, isOf, judgePlacement } from "./judge-placement.ts";
import type { UnitJudge, UnitVerdict } from "./judge-units.ts";

/** An agent acknowledges when systemd has taken the job; a unit that is at rest this long after is not coming up. */
const AT_REST_MS = 3000;

/**
 * `start` is true when the unit is active and, where it has a check, healthy: on its machine, a global unit on each that it was given.
 * One that runs once is true when it has succeeded.
 */
export function judgeStart(runsOnce: (unit: UnitName) => boolean): UnitJudge {
  return (facts, unit, elapsedMs) => {
    const wanted = facts.units.get(unit);
    if (wanted === undefined) return overtaken(unit, "it was destroyed meanwhile");
    if (wanted.value.target !== "launched")
      return overtaken(unit, `somebody asked for ${wanted.value.target} meanwhile`);
    const problem = judgePlacement(facts, unit, wanted, elapsedMs);
    if (problem !== null) return { kind: "failed", problem, culprit: null };
    const status = facts.statuses.get(unit)?.value;
    if (status?.incarnation === incarnationOf(wanted) && status.outcome?.generation === wanted.value.generation)
      return { kind: "true", detail: "has done its job, and is not run again" };
    const launched = copiesOf(facts, unit).filter(({ entry }) => entry?.target.kind === "launched");
    const copies = launched.filter(({ entry }) => entry !== null && isOf(entry, wanted));
    const live = copies.filter((copy) => copy.live);
    const behind = launched.filter((copy) => copy.live && !copies.includes(copy));
    if (live.length === 0)
      return {
        kind: "waiting",
        detail: copies.length === 0 ? "is being placed" : lostDetail(facts),
      };
    const judged = live.map((copy) => judgeCopy(unit, copy, { runsOnce: runsOnce(unit), elapsedMs }));
    const open = judged.find((one) => one.kind === "failed") ?? judged.find((one) => one.kind === "waiting") ?? null;
    if (open !== null) return open;
    // A global unit is changed on one machine after another.
    if (behind.length > 0)
      return { kind: "waiting", detail: `done on ${live.length} machines, then on ${behind.map(whereIs).join(", ")}` };
    return joined(judged);
  };
}

function lostDetail({ brake }: Facts): string {
  const held = brake !== null && brake.on !== null;
  return held ? "its machine is lost, and the brake is on: fleet brake" : "its machine is lost; waits to be moved";
}

function judgeCopy(
  unit: UnitName,
  copy: Copy,
  options: { readonly runsOnce: boolean; readonly elapsedMs: number },
): UnitVerdict {
  const where = whereIs(copy);
  const { state } = copy;
  const culprit = { unit, machine: copy.machine };
  if (state?.problem != null && copy.entryRevision !== null && state.entryRevision === String(copy.entryRevision)) {
    return { kind: "failed", problem: state.problem, culprit };
  }
  if (state === null || !isCurrent(copy)) return { kind: "waiting", detail: `is being started on ${where}` };
  switch (state.active) {
    case "active":
      return judgeHealth(state, where);
    case "failed":
      return { kind: "failed", problem: unitFailed(unit, where, `its result is ${state.result}`), culprit };
    case "inactive":
      if (options.runsOnce && state.result === "success") return { kind: "true", detail: `succeeded on ${where}` };
      if (options.elapsedMs < AT_REST_MS) return { kind: "waiting", detail: `is being started on ${where}` };
      return { kind: "failed", problem: unitFailed(unit, where, "it ended by itself, without an error"), culprit };
    default:
      return {
        kind: "waiting",
        detail: `is ${state.active} (${state.sub}) on ${where}${state.restarts > 0 ? `, restarted ${state.restarts} times` : ""}`,
      };
  }
}

function judgeHealth(state: UnitState, where: string): UnitVerdict {
  switch (state.health) {
    case "none":
      return { kind: "true", detail: `active on ${where}` };
    case "passing":
      return { kind: "true", detail: `active and healthy on ${where}` };
    case "unknown":
      return { kind: "waiting", detail: `is active on ${where}; its check has not answered yet` };
    case "failing":
      return { kind: "waiting", detail: `is active on ${where}, but its check fails: ${state.healthDetail}` };
  }
}

function joined(verdicts: readonly UnitVerdict[]): UnitVerdict {
  return { kind: "true", detail: verdicts.flatMap((one) => (one.kind === "true" ? [one.detail] : [])).join(", ") };
}

function unitFailed(unit: UnitName, where: string, why: string): Problem {
  return { code: "UNIT_FAILED", message: `${unit} failed on ${where}`, why, try: `fleet journal ${unit}` };
}

/** Another request won; the one that waits has nothing to wait for. */
export function overtaken(unit: UnitName, why: string): UnitVerdict {
  return {
    kind: "failed",
    problem: { code: "CONFLICT", message: `${unit}: overtaken`, why, try: `fleet why ${unit}` },
    culprit: null,
  };
}

/** The machine's host name, else the first digits of its id. */
export function whereIs(copy: Copy): string {
  const name = copy.at === null ? "" : hostnameOf(copy.at);
  return name === "" ? copy.machine.slice(0, 8) : name;
}
