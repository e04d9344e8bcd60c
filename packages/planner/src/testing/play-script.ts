import {
  CodedError,
  type DeploySpec,
  type MachineId,
  type Principal,
  type ReasonCode,
  type Release,
  type Relocation,
  type RequestId,
  type Rollout,
  type RolloutId,
  type ServiceName,
  type Sha256,
  type Timestamp,
  type UnitName,
} from "@quarterdeck/model";
import { checkUnit } from "@quarterdeck/units";
import type { ClusterView, MachinePresence, MachineView } from "../cluster-view.ts";
import { draftRollout } from "../draft-rollout.ts";
import { planRollout } from "../plan-rollout.ts";
import { planSchedule } from "../plan-schedule.ts";
import type { ScheduleStep } from "../schedule-step.ts";
import { actAsAgent, type Behaviour } from "./act-as-agent.ts";
import { applyRollout } from "./apply-rollout.ts";
import { applySteps, newestRevision } from "./apply-steps.ts";
import { aMachine, at, aUnit, aView, withMachine, withoutUnit, withUnit } from "./build-view.ts";
import { endCopies, FAILED } from "./end-copies.ts";
import { followRelocation } from "./follow-relocation.ts";
import { anOrder } from "./play-relocation.ts";

/**
 * Plays a script, one command a line, and answers a transcript: each command, and below it what the engine planned.
 *
 *     machines m1 m2 m3            join; a name may carry its zone: m4/z2
 *     unit NAME [Key=value …]      submits a launched unit with these lines of [X-Fleet]
 *     target NAME inactive         destroy NAME
 *     start NAME                   a new generation
 *     size m1 memoryMiB=1000       also cpuCores=2, diskFreePercent=10
 *     label m1 zone=a
 *     silent m1 · lost m1 · back m1 · boot m1
 *     stale · ready                the leader may not, or may, act on losses
 *     release                      a person lets the brake go
 *     fail NAME                    its running copies fail for good
 *     behave NAME sick             how a unit does when it is started next: well, starting, sick, failed, done
 *     mend NAME                    a starting or sick unit becomes well
 *     pass                         one pass of the engine
 *     dies 1                       a pass of which so many transactions are committed, then the leader is gone
 *     drain m1 · uncordon m1 · rebalance [max]
 *     agents [m1 …]                agents carry out their schedules
 *     rest                         engine and agents in turn until nothing is left
 *     deploy web 1.1.0 replicas=3  [maxParallel=1]
 *     wait 10                      seconds pass
 */
export function playScript(script: string): string {
  const world = new ScriptWorld();
  for (const line of script
    .split("\n")
    .map((text) => text.trim())
    .filter((text) => text !== "")) {
    world.say(line.startsWith("#") ? line : `> ${line}`);
    if (!line.startsWith("#")) world.play(line.split(/\s+/));
  }
  return `${world.transcript.join("\n")}\n`;
}

class ScriptWorld {
  readonly transcript: string[] = [];
  #view: ClusterView = aView([]);
  #seconds = 0;
  #releases = 0;
  #rollout: { rollout: Rollout; release: Release } | null = null;
  #relocation: Relocation | null = null;
  readonly #behaviours = new Map<UnitName, Behaviour>();

  say(text: string): void {
    this.transcript.push(text);
  }

  play([command, ...words]: readonly string[]): void {
    const [first = "", ...rest] = words;
    switch (command) {
      case "machines":
        for (const word of words) {
          const [hostname = "", zone = "z1"] = word.split("/");
          this.#view = withMachine(this.#view, aMachine(Number(hostname.slice(1)), { zone }));
        }
        return;
      case "unit":
        return this.#submit(first as UnitName, rest);
      case "target": {
        const unit = this.#view.units.get(first as UnitName);
        if (unit === undefined) return;
        this.#view = withUnit(this.#view, {
          ...unit,
          unit: {
            ...unit.unit,
            target: rest[0] === "inactive" ? "inactive" : "launched",
            generation: unit.unit.generation + 1,
          },
        });
        return;
      }
      case "start":
        return this.#raise(first as UnitName);
      case "size":
        return this.#change(first, Object.fromEntries(rest.map(numberPair)));
      case "label":
        return this.#label(first, rest);
      case "release":
        this.#view = { ...this.#view, brakeReleased: silentMachines(this.#view) };
        return;
      case "fail":
        this.#view = endCopies(this.#view, first as UnitName, FAILED);
        return;
      case "destroy":
        this.#view = withoutUnit(this.#view, first as UnitName);
        return;
      case "silent":
        return this.#turn(words, () => ({ kind: "silent", since: this.#now(), graceOver: false, declaredLost: false }));
      case "lost":
        return this.#turn(words, () => ({ kind: "silent", since: this.#now(), graceOver: true, declaredLost: false }));
      case "back":
        return this.#turn(words, () => ({ kind: "present" }));
      case "boot":
        this.#turn(words, () => ({ kind: "present" }));
        return this.#agents(words, true);
      case "stale":
      case "ready":
        this.#view = { ...this.#view, mayActOnLosses: command === "ready" };
        return;
      case "behave":
        this.#behaviours.set(first as UnitName, rest[0] as Behaviour);
        return;
      case "mend":
        this.#behaviours.delete(first as UnitName);
        this.#view = {
          ...this.#view,
          states: this.#view.states.map((known) =>
            known.unit === first && known.state.active === "active"
              ? { ...known, state: { ...known.state, health: "passing", healthDetail: "200 OK" } }
              : known,
          ),
        };
        return;
      case "pass":
        this.#pass();
        return;
      case "dies":
        this.#pass(Number(first));
        return;
      case "drain":
        this.#change(first, { cordoned: true });
        this.#relocation = anOrder(this.#machine(first));
        return;
      case "uncordon":
        return this.#change(first, { cordoned: false });
      case "rebalance":
        this.#relocation = anOrder(null, first === "" ? null : Number(first));
        return;
      case "agents":
        return this.#agents(words, false);
      case "rest":
        return this.#rest();
      case "deploy":
        return this.#deploy(first as ServiceName, rest);
      case "wait":
        this.#seconds += Number(first);
        return;
      default:
        throw new CodedError("INTERNAL", { message: `no such command in a script: ${command}` });
    }
  }

  #submit(name: UnitName, lines: readonly string[]): void {
    const type = lines.includes("RunOnce=true") ? "oneshot" : "simple";
    const checked = checkUnit(name, `[Service]\nType=${type}\nExecStart=/bin/true\n[X-Fleet]\n${lines.join("\n")}\n`);
    if (!checked.ok) throw new CodedError("INTERNAL", checked.error);
    const known = this.#view.units.get(name);
    const incarnation = Number(known?.incarnation ?? this.#view.units.size + 1);
    const generation = (known?.unit.generation ?? 0) + 1;
    this.#view = withUnit(this.#view, aUnit(name, { options: checked.value.fleet, incarnation, unit: { generation } }));
  }

  #raise(name: UnitName): void {
    const known = this.#view.units.get(name);
    if (known === undefined) return;
    const unit = { ...known.unit, generation: known.unit.generation + 1 };
    this.#view = withUnit(this.#view, { ...known, unit });
  }

  #label(hostname: string, pairs: readonly string[]): void {
    const machine = this.#view.machines.get(this.#machine(hostname));
    const added = Object.fromEntries(pairs.map((pair) => pair.split("=", 2) as [string, string]));
    this.#change(hostname, { metadata: { ...machine?.metadata, ...added } });
  }

  #change(hostname: string, changes: Partial<MachineView>): void {
    for (const machine of this.#view.machines.values())
      if (machine.hostname === hostname) this.#view = withMachine(this.#view, { ...machine, ...changes });
  }

  #deploy(service: ServiceName, [version = "", ...settings]: readonly string[]): void {
    const wanted = Object.fromEntries(settings.map((setting) => setting.split("=", 2) as [string, string]));
    const deploy: DeploySpec = {
      image: `registry.lab:5000/${service}`,
      replicas: Number(wanted["replicas"] ?? 1),
      healthCheck: "http://localhost:8080/",
      maxParallel: Number(wanted["maxParallel"] ?? 1),
      canary: 0,
      minHealthySeconds: 10,
      healthyDeadlineSeconds: 30,
      progressDeadlineSeconds: 600,
      autoRevert: false,
    };
    const previous = this.#releases === 0 ? null : this.#releases;
    this.#releases += 1;
    const release: Release = {
      v: 1,
      service,
      number: this.#releases,
      version,
      image: `${deploy.image}:${version}`,
      hash: "b".repeat(64) as Sha256,
      by: "dev",
      principal: "operator:dev" as Principal,
      at: this.#now(),
      why: "",
    };
    const rollout = draftRollout({
      id: `${service}-${release.number}-00000000` as RolloutId,
      release,
      previous,
      deploy,
      request: "request-1" as RequestId,
      by: "dev",
      at: this.#now(),
    });
    this.say(`  ${rollout.reason.text}`);
    this.#rollout = { rollout, release };
  }

  #turn(hostnames: readonly string[], presence: () => MachinePresence): void {
    for (const machine of this.#view.machines.values()) {
      if (hostnames.includes(machine.hostname))
        this.#view = withMachine(this.#view, { ...machine, presence: presence() });
    }
  }

  #agents(hostnames: readonly string[], rebooted: boolean): void {
    for (const { machine, hostname, presence } of this.#view.machines.values()) {
      if (presence.kind !== "present" || (hostnames.length > 0 && !hostnames.includes(hostname))) continue;
      this.#view = actAsAgent(this.#view, machine, {
        now: this.#now(),
        rebooted,
        behaviourOf: (unit) => this.#behaviours.get(unit) ?? "well",
      });
    }
  }

  /** Whether there was anything to do. `transactions`: how many of the schedule's the leader lives to commit. */
  #pass(transactions = Number.POSITIVE_INFINITY): boolean {
    const rolls = this.#passRollout();
    const moves = this.#passRelocation();
    const plan = planSchedule(this.#view, this.#now());
    const steps = transactions === Number.POSITIVE_INFINITY ? plan.steps : firstOf(plan.steps, transactions);
    for (const step of steps) {
      if (step.kind !== "record")
        this.say(
          `  ${step.kind} ${step.unit}${step.machine === null ? "" : ` on ${this.#nameOf(step.machine)}`}: ${step.reason.code} ${step.reason.text}`,
        );
      if (step.kind === "unplaceable")
        for (const refusal of step.status.refusals) this.say(`      ${refusal.reason.code} ${refusal.reason.text}`);
    }
    if (plan.brake !== null) this.say(`  brake: ${plan.brake.text}`);
    for (const hold of plan.holds)
      if (hold.reason.code.startsWith("WAITS") || TOLD.includes(hold.reason.code))
        this.say(`  hold ${hold.unit}: ${hold.reason.code} ${hold.reason.text}`);
    this.#view = applySteps(this.#view, steps);
    return rolls || moves || plan.steps.length > 0;
  }

  #passRelocation(): boolean {
    if (this.#relocation === null) return false;
    const { view, relocation, lines, busy } = followRelocation(this.#relocation, this.#view, this.#now());
    for (const line of lines) this.say(line);
    this.#view = view;
    this.#relocation = relocation.endedAt === null ? relocation : null;
    return busy;
  }

  #passRollout(): boolean {
    if (this.#rollout === null) return false;
    const plan = planRollout(this.#rollout, this.#view, this.#now());
    for (const action of plan.actions)
      this.say(`  ${action.kind} ${action.unit}: ${action.reason.code} ${action.reason.text}`);
    if (plan.rollout.state !== this.#rollout.rollout.state)
      this.say(`  rollout ${plan.rollout.state}: ${plan.rollout.reason.code} ${plan.rollout.reason.text}`);
    this.#view = applyRollout(this.#view, plan);
    const changed = plan.rollout !== this.#rollout.rollout || plan.actions.length > 0;
    this.#rollout = { ...this.#rollout, rollout: plan.rollout };
    if (!changed && plan.wakeAt !== null)
      this.say(`  (rollout looks again after ${(Date.parse(plan.wakeAt) - Date.parse(this.#now())) / 1000} s)`);
    return changed;
  }

  #rest(): void {
    for (let pass = 0; pass < 50; pass += 1) {
      const before = newestRevision(this.#view);
      const busy = this.#pass();
      this.#agents([], false);
      if (!busy && newestRevision(this.#view) === before) return;
    }
    throw new CodedError("INTERNAL", { message: "the script's cluster does not come to rest" });
  }

  #machine(hostname: string): MachineId {
    const found = [...this.#view.machines.values()].find((known) => known.hostname === hostname);
    if (found === undefined) throw new CodedError("INTERNAL", { message: `no such machine in a script: ${hostname}` });
    return found.machine;
  }

  #nameOf(machine: MachineId): string {
    return this.#view.machines.get(machine)?.hostname ?? machine;
  }

  #now(): Timestamp {
    return at(this.#seconds);
  }
}

/** As if each transaction were as small as can be: what belongs together is never cut. */
function firstOf(steps: readonly ScheduleStep[], transactions: number): readonly ScheduleStep[] {
  return [...Map.groupBy(steps, ({ group }) => group).values()].slice(0, transactions).flat();
}

function numberPair(text: string): [string, number] {
  const [key = "", value = ""] = text.split("=", 2);
  return [key, Number(value)];
}

/** Holds that a transcript tells of, beside those that wait for something. */
const TOLD: readonly ReasonCode[] = ["STALE_MIRROR", "NOT_RESTARTED", "RESCHEDULE_NEVER"];

/** Those that a release of the brake is given for. */
function silentMachines({ machines }: ClusterView): ReadonlySet<MachineId> {
  return new Set(
    [...machines.values()].filter(({ presence }) => presence.kind === "silent").map(({ machine }) => machine),
  );
}
