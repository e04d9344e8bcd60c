import type { Rollout, RolloutStep } from "@quarterdeck/model";
import { copiesOf, isAcknowledged, isUp, type Copy } from "../facts/copies-of.ts";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";
import type { Step } from "../view.ts";

/** A replica of a rollout under way: where it is, for how long, and what it says now. */
export type ReplicaNow = {
  /** `web@1`, with ` on m3` where that is known. */
  readonly name: string;
  /** Whole seconds since it was begun, in steps of 5, so that what is shown changes when something is worth saying. */
  readonly seconds: number;
  readonly says: string;
};

/** One step a replica, in the rollout's order; `now` in milliseconds. */
export function rolloutSteps(facts: Facts, rollout: Rollout, now: number): readonly Step[] {
  return rollout.steps.map((step) => ({
    label: nameOf(facts, step),
    state: step.state === "pending" && rollout.state !== "running" ? "untouched" : STEP_STATES[step.state],
    detail: detailOf(facts, rollout, step, now),
  }));
}

/** Of a step that is `updating`. */
export function replicaNow(facts: Facts, rollout: Rollout, step: RolloutStep, now: number): ReplicaNow {
  const since = step.startedAt === null ? now : Date.parse(step.startedAt);
  return {
    name: nameOf(facts, step),
    seconds: Math.max(0, Math.floor((now - since) / 5000) * 5),
    says: saysNow(facts, rollout, step),
  };
}

/** The version that a rollout replaces; `null` on a first deploy. */
export function previousVersion(facts: Facts, rollout: Rollout): string | null {
  const releases = facts.releases.get(rollout.service) ?? [];
  return releases.find((release) => release.number === rollout.previous)?.version ?? null;
}

const STEP_STATES = {
  pending: "pending",
  updating: "active",
  healthy: "done",
  failed: "failed",
} as const satisfies Record<RolloutStep["state"], Step["state"]>;

function detailOf(facts: Facts, rollout: Rollout, step: RolloutStep, now: number): string {
  switch (step.state) {
    case "pending": {
      const before = previousVersion(facts, rollout);
      if (rollout.state === "running") return "";
      return before === null ? "" : `still ${before}`;
    }
    case "updating": {
      const { seconds, says } = replicaNow(facts, rollout, step, now);
      return seconds === 0 || rollout.state !== "running" ? says : `for ${seconds} s: ${says}`;
    }
    case "healthy":
    case "failed":
      return withoutName(step.reason?.text ?? "", step.unit, hostOf(facts, step));
  }
}

function saysNow(facts: Facts, rollout: Rollout, step: RolloutStep): string {
  const copy = copyOf(facts, step);
  if (copy === null) return facts.statuses.get(step.unit)?.value.reason.text || "is being placed";
  if (!copy.live) return "its machine is lost";
  const { state } = copy;
  if (state === null || state.release !== rollout.release)
    return state?.problem?.message ?? (keepsRunning(copy) ? `runs ${rollout.version} already` : "is being started");
  if (state.problem !== null) return state.problem.message;
  // Until the agent is through with it, what it tells of may be the old copy.
  if (!isAcknowledged(copy) && state.active === "active") return "is being replaced";
  if (!isAcknowledged(copy) && state.active === "inactive") return "is being started";
  if (state.active !== "active")
    return `${state.active} (${state.sub})${state.restarts > 0 ? `, restarted ${state.restarts} times` : ""}`;
  switch (state.health) {
    case "none":
      return "active";
    case "unknown":
      return "its check has not answered yet";
    case "passing":
      return `healthy, to stay so for ${rollout.deploy.minHealthySeconds} s`;
    case "failing":
      return `its check fails: ${state.healthDetail}`;
  }
}

/** What runs is what its entry asks for but for the number of the release: its agent takes the number and starts nothing. */
function keepsRunning({ entry, state }: Copy): boolean {
  return (
    entry !== null &&
    state !== null &&
    isUp(state) &&
    state.incarnation === entry.incarnation &&
    state.generation === entry.generation
  );
}

/** The copy that is to run, else the one on the step's machine. */
function copyOf(facts: Facts, step: RolloutStep): Copy | null {
  const copies = copiesOf(facts, step.unit);
  return (
    copies.find((copy) => copy.entry?.target.kind === "launched") ??
    copies.find((copy) => copy.machine === step.machine) ??
    null
  );
}

function hostOf(facts: Facts, step: RolloutStep): string {
  const machine = step.state === "updating" ? (copyOf(facts, step)?.machine ?? step.machine) : step.machine;
  const at = machine === null ? undefined : facts.machines.get(machine);
  return at === undefined ? "" : hostnameOf(at);
}

function nameOf(facts: Facts, step: RolloutStep): string {
  const short = step.unit.replace(/\.service$/, "");
  const where = hostOf(facts, step);
  return where === "" ? short : `${short} on ${where}`;
}

/** The engine's reasons are whole sentences; beside the replica's name its name would be read twice. */
function withoutName(text: string, unit: string, where: string): string {
  const name = [`${unit} on ${where}`, unit].find((one) => text.startsWith(one));
  return name === undefined
    ? text
    : text
        .slice(name.length)
        .replace(/^(: | was | is )/, "")
        .trim();
}
