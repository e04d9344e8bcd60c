import { CodedError } from "@quarterdeck/model";
import { MAX_MACHINE_NUMBER } from "../host-names.ts";
import type { LabControl } from "../lab-control.ts";
import type { LabEvents } from "../lab-events.ts";
import type { MachineView } from "../machine-view.ts";
import { createRecord, writeRecord, type MachineRecord } from "../machine/machine-record.ts";
import { PlainMachine, type PlainSite } from "./plain-machine.ts";

export type PlainLabParts = {
  readonly site: PlainSite;
  readonly events: LabEvents;
  /** Returns when a booted machine takes part in the cluster. */
  readonly awaitJoined: (machine: PlainMachine, signal: AbortSignal) => Promise<void>;
  /** Gives a machine its rights in etcd, before it boots for the first time. */
  readonly admit: (record: MachineRecord, signal: AbortSignal) => Promise<void>;
};

/** Stands in a record where a machine of its own names the image it was made from. */
const NO_IMAGE = "0".repeat(12);

/** What {@link Lab} is, on plain processes; what needs a network or a disk of its own is refused. */
export class PlainLab implements LabControl {
  readonly events: LabEvents;
  readonly #parts: PlainLabParts;
  readonly #machines = new Map<string, PlainMachine>();

  constructor(parts: PlainLabParts) {
    this.#parts = parts;
    this.events = parts.events;
  }

  list(): readonly MachineView[] {
    return this.machines().map((machine) => machine.view());
  }

  machines(): readonly PlainMachine[] {
    return [...this.#machines.values()];
  }

  /** Takes over machines that have records and makes those that are missing, first the etcd members; all of them stay off. */
  async populate(
    records: readonly MachineRecord[],
    wanted: { readonly machines: number; readonly members: number },
  ): Promise<void> {
    for (const record of records) this.#adopt(record);
    for (let number = this.#machines.size + 1; number <= Math.max(wanted.machines, wanted.members); number++)
      await this.#create(number <= wanted.members ? "etcd" : "worker");
  }

  async add(signal: AbortSignal): Promise<MachineView> {
    const machine = await this.#create("worker");
    await this.#parts.admit(machine.record, signal);
    await machine.boot(false);
    await this.#parts.awaitJoined(machine, signal);
    return machine.view();
  }

  async boot(name: string, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    await machine.boot(false);
    await this.#parts.awaitJoined(machine, signal);
  }

  kill(name: string): Promise<void> {
    return this.#machine(name).kill();
  }

  powerOff(name: string): Promise<void> {
    return this.#machine(name).powerOff();
  }

  async reboot(name: string, signal: AbortSignal): Promise<void> {
    const machine = this.#machine(name);
    if (machine.state === "off")
      throw new CodedError("CONFLICT", { message: `cannot reboot ${name}: it is off`, try: `npx lab boot ${name}` });
    await machine.powerOff();
    await this.boot(name, signal);
  }

  freeze(name: string): Promise<void> {
    return this.#machine(name).setFrozen(true);
  }

  thaw(name: string): Promise<void> {
    return this.#machine(name).setFrozen(false);
  }

  cut(name: string): Promise<void> {
    return this.#refuse(name, "cut", "its processes share this computer's network");
  }

  slow(name: string): Promise<void> {
    return this.#refuse(name, "slow", "its processes share this computer's network");
  }

  diskFull(name: string): Promise<void> {
    return this.#refuse(name, "disk-full", "its processes share this computer's disk");
  }

  /** There is nothing to heal, as nothing can be cut. */
  heal(name: string | null): Promise<void> {
    if (name !== null) this.#machine(name);
    return Promise.resolve();
  }

  /** Ends all machines at once: members that wait for each other's farewell would wait long. */
  async stopAll(): Promise<void> {
    await Promise.all(this.machines().map((machine) => machine.powerOff()));
  }

  async #refuse(name: string, verb: string, why: string): Promise<never> {
    this.#machine(name);
    throw new CodedError("LAB_UNSUPPORTED", {
      message: `lab ${verb} does not work on plain processes`,
      why,
      try: `npx lab freeze ${name}, or run the lab as root where systemd-nspawn works`,
    });
  }

  #adopt(record: MachineRecord): PlainMachine {
    const machine = new PlainMachine(record, this.#parts.site);
    this.#machines.set(machine.name, machine);
    return machine;
  }

  async #create(role: MachineRecord["role"]): Promise<PlainMachine> {
    const number = Math.max(0, ...this.machines().map(({ record }) => record.number)) + 1;
    if (number > MAX_MACHINE_NUMBER)
      throw new CodedError("CONFLICT", { message: `a lab has at most ${MAX_MACHINE_NUMBER} machines` });
    const record = createRecord(number, role, NO_IMAGE);
    await writeRecord(this.#parts.site.machines, record);
    return this.#adopt(record);
  }

  #machine(name: string): PlainMachine {
    const machine = this.#machines.get(name);
    if (machine !== undefined) return machine;
    throw new CodedError("NOT_FOUND", {
      message: `there is no machine ${JSON.stringify(name)}`,
      why: `machines: ${[...this.#machines.keys()].join(" ")}`,
      try: "npx lab list",
    });
  }
}
