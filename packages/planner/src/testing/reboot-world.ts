import { reason, type MachineId, type RebootGroup, type Relocation, type RequestId } from "@quarterdeck/model";
import type { ClusterView, MachineView } from "../cluster-view.ts";
import { movedFrom } from "../moved-from.ts";
import { planReboot } from "../plan-reboot.ts";
import { planRelocation } from "../plan-relocation.ts";
import { planSchedule } from "../plan-schedule.ts";
import type { EtcdStanding, RebootStep, RebootView } from "../reboot-view.ts";
import { actAsAgent, type Behaviour } from "./act-as-agent.ts";
import { applySteps } from "./apply-steps.ts";
import { at, withMachine } from "./build-view.ts";
import { applyMoves } from "./play-relocation.ts";

export const SLOTS = 1;
export const OVERDUE_SECONDS = 1800;

/** A cluster whose machines want to reboot: the engine's part is played by the planner, the rest by whoever calls. */
export class RebootWorld {
  view: ClusterView;
  readonly groups = new Map<string, RebootGroup>();
  readonly relocations = new Map<string, Relocation>();
  rollouts: RebootView["rollouts"] = [];
  etcd: EtcdStanding = { machines: new Set(), unhealthy: [] };
  slots = SLOTS;
  seconds = 0;
  behaviourOf: () => Behaviour = () => "well";
  /** Every step that was planned. */
  readonly steps: RebootStep[] = [];
  readonly #boots = new Map<MachineId, number>();

  constructor(view: ClusterView) {
    this.view = view;
  }

  rebootView(): RebootView {
    return {
      cluster: this.view,
      groups: this.groups,
      relocations: [...this.relocations.values()],
      rollouts: this.rollouts,
      bootIds: new Map([...this.view.machines.keys()].map((machine) => [machine, this.#bootOf(machine)])),
      etcd: this.etcd,
      slots: this.slots,
      overdueSeconds: OVERDUE_SECONDS,
    };
  }

  group(name = "default"): RebootGroup {
    return this.groups.get(name) ?? { v: 1, holders: [], waiting: [] };
  }

  holder(name = "default") {
    return this.group(name).holders[0];
  }

  ask(machine: MachineId, name = "default"): void {
    const group = this.group(name);
    if ([...group.holders, ...group.waiting].some((asker) => asker.machine === machine)) return;
    const waiter = {
      machine,
      askedAt: at(this.seconds),
      request: "request-0001" as RequestId,
      reason: reason("REQUESTED", "it has asked"),
    };
    this.groups.set(name, { ...group, waiting: [...group.waiting, waiter] });
  }

  steady(machine: MachineId, name = "default"): void {
    const group = this.group(name);
    this.groups.set(name, {
      ...group,
      waiting: group.waiting.filter((waiter) => waiter.machine !== machine),
      holders: group.holders.map((holder) =>
        holder.machine === machine ? { ...holder, steadyAt: holder.steadyAt ?? at(this.seconds) } : holder,
      ),
    });
  }

  /** One step of the engine; answers what it was. */
  pass(): RebootStep | null {
    const { step } = planReboot(this.rebootView(), at(this.seconds));
    if (step === null) return null;
    this.steps.push(step);
    this.groups.set(step.group, step.after);
    if (step.relocation !== null) this.relocations.set(step.relocation.id, step.relocation);
    if (step.machine !== null && step.cordoned !== null) this.change(step.machine, { cordoned: step.cordoned });
    return step;
  }

  /** Reboots, relocations, schedule and agents in turn, until nothing is left to do. */
  rest(): void {
    for (let turn = 0; turn < 300; turn += 1) {
      const busy = [this.pass() !== null, this.#move(), this.#schedule()];
      if (!busy.includes(true)) return;
    }
    throw new RangeError("the reboots do not come to rest");
  }

  leave(machine: MachineId, declaredLost = false): void {
    this.change(machine, {
      presence: { kind: "silent", since: at(this.seconds), graceOver: declaredLost, declaredLost },
    });
  }

  /** Back with everything started anew. */
  boot(machine: MachineId): void {
    this.#boots.set(machine, (this.#boots.get(machine) ?? 0) + 1);
    this.change(machine, { presence: { kind: "present" } });
    this.#act(machine, true);
  }

  change(machine: MachineId, changes: Partial<MachineView>): void {
    const known = this.view.machines.get(machine);
    if (known !== undefined) this.view = withMachine(this.view, { ...known, ...changes });
  }

  #move(): boolean {
    let busy = false;
    for (const before of this.relocations.values()) {
      if (before.endedAt !== null) continue;
      const { relocation, writes } = planRelocation(before, this.view, at(this.seconds));
      this.view = applyMoves(this.view, writes);
      this.relocations.set(relocation.id, relocation);
      busy ||= relocation !== before;
    }
    this.view = { ...this.view, movedFrom: movedFrom([...this.relocations.values()]) };
    return busy;
  }

  #schedule(): boolean {
    const { steps } = planSchedule(this.view, at(this.seconds));
    this.view = applySteps(this.view, steps);
    const before = JSON.stringify(this.view.states);
    for (const { machine, presence } of this.view.machines.values())
      if (presence.kind === "present") this.#act(machine, false);
    return steps.length > 0 || JSON.stringify(this.view.states) !== before;
  }

  #act(machine: MachineId, rebooted: boolean): void {
    const acted = actAsAgent(this.view, machine, {
      now: at(this.seconds),
      rebooted,
      behaviourOf: () => this.behaviourOf(),
    });
    const bootId = this.#bootOf(machine);
    this.view = {
      ...acted,
      states: acted.states.map((known) =>
        known.machine === machine ? { ...known, state: { ...known.state, bootId } } : known,
      ),
    };
  }

  #bootOf(machine: MachineId): string {
    return `boot-${this.#boots.get(machine) ?? 0}`;
  }
}
