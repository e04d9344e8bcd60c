import { CodedError } from "@quarterdeck/model";
import { baseImageHash } from "./base-image.ts";
import type { Cables, Slowness } from "./cables.ts";
import { MAX_MACHINE_NUMBER } from "./host-names.ts";
import type { LabEvents } from "./lab-events.ts";
import { viewMachine, type MachineView } from "./machine-view.ts";
import { createRecord, writeRecord, type MachineRecord } from "./machine/machine-record.ts";
import type { MachineSite } from "./machine/machine-site.ts";
import { Machine } from "./machine/machine.ts";

export type LabParts = {
  readonly site: MachineSite;
  readonly cables: Cables;
  readonly events: LabEvents;
  /** Returns when a booted machine takes part in the cluster. */
  readonly awaitJoined: (machine: Machine, signal: AbortSignal) => Promise<void>;
  /** Gives a machine its rights in etcd, before it boots for the first time. */
  readonly admit: (record: MachineRecord, signal: AbortSignal) => Promise<void>;
};

/** A running lab's machines and what can be done to them; each call returns when the thing is true. */
export class Lab {
  readonly events: LabEvents;
  readonly #parts: LabParts;
  readonly #machines = new Map<string, Machine>();

  constructor(parts: LabParts) {
    this.#parts = parts;
    this.events = parts.events;
  }

  list(): readonly MachineView[] {
    return this.machines().map(viewMachine);
  }

  machines(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  /** Takes over machines that have records and makes those that are missing, first the etcd members; all of them stay off. */
  async populate(
    records: readonly MachineRecord[],
    wanted: { readonly machines: number; readonly members: number },
    signal: AbortSignal,
  ): Promise<void> {
    for (const record of records) this.#adopt(record);
    for (let number = this.#machines.size + 1; number <= Math.max(wanted.machines, wanted.members); number++) {
      signal.throwIfAborted();
      await this.#create(number <= wanted.members ? "etcd" : "worker");
    }
  }

  #adopt(record: MachineRecord): Machine {
    const machine = new Machine(record, this.#parts.site);
    this.#machines.set(machine.name, machine);
    return machine;
  }

  /** Makes a machine with the next free number. */
  async #create(role: MachineRecord["role"]): Promise<Machine> {
    const number = Math.max(0, ...this.machines().map(({ record }) => record.number)) + 1;
    if (number > MAX_MACHINE_NUMBER)
      throw new CodedError("CONFLICT", { message: `a lab has at most ${MAX_MACHINE_NUMBER} machines` });
    const record = createRecord(number, role, baseImageHash);
    await writeRecord(this.#parts.site.home.machines, record);
    return this.#adopt(record);
  }

  /** Makes a worker and boots it. */
  async add(signal: AbortSignal): Promise<MachineView> {
    const machine = await this.#create("worker");
    await this.#parts.admit(machine.record, signal);
    await machine.boot(false, signal);
    await this.#parts.awaitJoined(machine, signal);
    return viewMachine(machine);
  }

  /** Powers all machines on, at once; `held`: engines and agents wait to be released. */
  async powerOnAll(held: boolean, signal: AbortSignal): Promise<void> {
    await Promise.all(this.machines().map((machine) => machine.boot(held, signal)));
  }

  async awaitAllJoined(signal: AbortSignal): Promise<void> {
    await Promise.all(this.machines().map((machine) => this.#parts.awaitJoined(machine, signal)));
  }

  async boot(name: string, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    await machine.boot(false, signal);
    await this.#parts.awaitJoined(machine, signal);
  }

  kill(name: string, signal: AbortSignal): Promise<void> {
    return this.#machine(name).kill(signal);
  }

  powerOff(name: string, signal: AbortSignal): Promise<void> {
    return this.#machine(name).powerOff(signal);
  }

  async reboot(name: string, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    await machine.reboot(signal);
    await this.#parts.awaitJoined(machine, signal);
  }

  freeze(name: string, signal: AbortSignal): Promise<void> {
    return this.#machine(name).freeze(signal);
  }

  thaw(name: string, signal: AbortSignal): Promise<void> {
    return this.#machine(name).thaw(signal);
  }

  /** Cuts a machine off from everybody, or from one other machine only. */
  async cut(name: string, from: string | null, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    if (from === null) return machine.setCut(true, signal);
    const other = this.#machine(from);
    if (other === machine) throw new CodedError("USAGE", { message: `${name} cannot be cut off from itself` });
    await this.#parts.cables.cutPair(machine.link, other.link, signal);
  }

  /** Undoes cut, slow and disk-full of one machine, or of all. */
  async heal(name: string | null, signal: AbortSignal): Promise<void> {
    const machines = name === null ? this.machines() : [this.#machine(name)];
    for (const machine of machines) {
      await this.#parts.cables.heal(machine.link, machine.pid, signal);
      await machine.setCut(false, signal);
      await machine.drainDisk();
    }
  }

  async slow(name: string, slowness: Slowness, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    if (machine.pid === null)
      throw new CodedError("CONFLICT", { message: `${name} is off`, try: `npx lab boot ${name}` });
    await this.#parts.cables.slow(machine.link, machine.pid, slowness, signal);
  }

  diskFull(name: string, signal: AbortSignal): Promise<void> {
    return this.#machine(name).fillDisk(signal);
  }

  /** Powers all machines off, at once. */
  async stopAll(): Promise<void> {
    // Members that all stop at once look for a successor until they give up after 5 s; what they acknowledged is on disk anyway.
    await Promise.all(this.machines().map((machine) => machine.endEtcd()));
    await Promise.all(this.machines().map((machine) => machine[Symbol.asyncDispose]()));
  }

  #machine(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine !== undefined) return machine;
    const known = [...this.#machines.keys()].join(" ");
    throw new CodedError("NOT_FOUND", {
      message: `there is no machine ${JSON.stringify(name)}`,
      why: `machines: ${known}`,
      try: "npx lab list",
    });
  }
}
