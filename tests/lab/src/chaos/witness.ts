import type { Observation, ObservedMachine } from "./observation.ts";

/** What must not happen, and did. */
export type Violation = { readonly atMs: number; readonly what: string };

export type Limits = {
  /** A unit may be active nowhere for so long: lease, grace, start, and what a busy computer adds. */
  readonly downMs: number;
  /** Two copies may run side by side for so long once all machines are well again: the old one stops when the new one is there. */
  readonly overlapMs: number;
  /** What a fault did to a machine's units may still show so long after it. */
  readonly settleMs: number;
};

export const LIMITS: Limits = { downMs: 60_000, overlapMs: 45_000, settleMs: 60_000 };

/** Wanted once each, all the time: `movable` ones find a place wherever, `bound` ones may have none while a machine is away. */
export type Units = { readonly movable: readonly string[]; readonly bound: readonly string[] };

type Trouble = { machines: readonly string[]; endedAtMs: number | null };

/**
 * Holds one observation after the other against what Quarterdeck promises: a unit runs somewhere; on a machine that nothing befell nothing is
 * stopped or started anew, unless it ran elsewhere too; two copies do not stay. Pure: time is in the observations.
 */
export class Witness {
  readonly #units: Units;
  readonly #limits: Limits;
  readonly #violations: Violation[] = [];
  readonly #troubles: Trouble[] = [];
  readonly #downSince = new Map<string, number>();
  readonly #overlapSince = new Map<string, number>();
  readonly #longestDownMs = new Map<string, number>();
  #before: Observation | null = null;
  #looks = 0;

  constructor(units: Units, limits: Limits = LIMITS) {
    this.#units = units;
    this.#limits = limits;
  }

  get violations(): readonly Violation[] {
    return this.#violations;
  }

  get looks(): number {
    return this.#looks;
  }

  /** Milliseconds, by unit. */
  get longestDownMs(): ReadonlyMap<string, number> {
    return this.#longestDownMs;
  }

  /** Something befalls these machines; the answer is called when it is undone. Nothing is expected of a unit while `all` are in trouble. */
  trouble(machines: readonly string[]): (atMs: number) => void {
    const trouble: Trouble = { machines, endedAtMs: null };
    this.#troubles.push(trouble);
    return (atMs) => void (trouble.endedAtMs = atMs);
  }

  see(observation: Observation): void {
    this.#looks += 1;
    const { movable, bound } = this.#units;
    for (const unit of movable) this.#checkDown(unit, observation);
    for (const unit of [...movable, ...bound]) {
      this.#checkOverlap(unit, observation);
      if (this.#before !== null) this.#checkUntouched(unit, this.#before, observation);
    }
    this.#before = observation;
  }

  #checkDown(unit: string, { atMs, machines }: Observation): void {
    if (machines.some(({ active }) => active?.has(unit) === true)) {
      this.#downSince.delete(unit);
      return;
    }
    // With no quorum nobody can decide anything: the time counts from when there is one again.
    if (this.#isLeaderless(atMs)) this.#downSince.set(unit, atMs);
    const since = this.#downSince.get(unit) ?? atMs;
    this.#downSince.set(unit, since);
    const downMs = atMs - since;
    this.#longestDownMs.set(unit, Math.max(downMs, this.#longestDownMs.get(unit) ?? 0));
    if (downMs <= this.#limits.downMs) return;
    this.#say(atMs, `${unit} has run nowhere for ${seconds(downMs)}`);
    this.#downSince.set(unit, atMs);
  }

  #checkOverlap(unit: string, { atMs, machines }: Observation): void {
    const on = machines.filter(({ active }) => active?.has(unit) === true).map(({ name }) => name);
    const calm = machines.every(({ name }) => !this.#isInTrouble(name, atMs));
    if (on.length < 2 || !calm) {
      this.#overlapSince.delete(unit);
      return;
    }
    const since = this.#overlapSince.get(unit) ?? atMs;
    this.#overlapSince.set(unit, since);
    if (atMs - since <= this.#limits.overlapMs) return;
    this.#say(atMs, `${unit} has run on ${on.join(" and ")} for ${seconds(atMs - since)}, with all machines well`);
    this.#overlapSince.set(unit, atMs);
  }

  #checkUntouched(unit: string, before: Observation, now: Observation): void {
    for (const machine of now.machines) {
      const was = activeOn(before, machine.name, unit);
      if (was === null || machine.active === null || this.#wasTroubled(machine.name, now.atMs)) continue;
      const is = machine.active.get(unit) ?? null;
      if (is === was) continue;
      const elsewhere = before.machines.some(
        ({ name }) => name !== machine.name && activeOn(before, name, unit) !== null,
      );
      if (is === null && elsewhere) continue;
      this.#say(
        now.atMs,
        `${unit} was ${is === null ? "stopped" : "started anew"} on ${machine.name}, which nothing befell`,
      );
    }
  }

  #isInTrouble(machine: string, atMs: number): boolean {
    return this.#troubles.some(
      ({ machines, endedAtMs }) => machines.includes(machine) && (endedAtMs === null || endedAtMs > atMs),
    );
  }

  #wasTroubled(machine: string, atMs: number): boolean {
    const { settleMs } = this.#limits;
    return this.#troubles.some(
      ({ machines, endedAtMs }) => machines.includes(machine) && (endedAtMs === null || endedAtMs + settleMs > atMs),
    );
  }

  #isLeaderless(atMs: number): boolean {
    return this.#troubles.some(
      ({ machines, endedAtMs }) => machines.length > 1 && (endedAtMs === null || endedAtMs > atMs),
    );
  }

  #say(atMs: number, what: string): void {
    this.#violations.push({ atMs, what });
  }
}

function activeOn({ machines }: Observation, name: string, unit: string): string | null {
  const machine: ObservedMachine | undefined = machines.find((each) => each.name === name);
  return machine?.active?.get(unit) ?? null;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
