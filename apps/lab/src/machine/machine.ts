import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import { gateServices } from "../held-services.ts";
import { labFailed } from "../lab-failed.ts";
import { until } from "../until.ts";
import { cgroupEntries, createCgroup, killProcess, removeCgroup, setFrozen } from "./cgroup.ts";
import { drainDisk, fillDisk, mountDisk, type MachineDisk } from "./disk.ts";
import { runInside } from "./inside.ts";
import { machineName, type MachineRecord } from "./machine-record.ts";
import type { MachineSite } from "./machine-site.ts";
import { awaitLeader, noteOnConsole, startNspawn, type Nspawn } from "./nspawn.ts";
import { provision } from "./provision.ts";

/** As `lab list` shows it: the worst that is true. A machine is `running` once it joined the cluster. */
export type MachineState = "booting" | "running" | "frozen" | "cut" | "off";

const POWER_OFF_MS = 15_000;

/** One local machine from the power button's side. Its methods wait for each other; only {@link kill} does not wait for the machine. */
export class Machine implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  /** The host's end of its network cable. */
  readonly link: string;
  record: MachineRecord;
  readonly #site: MachineSite;
  #disk: MachineDisk | null = null;
  #nspawn: Nspawn | null = null;
  #leader: number | null = null;
  #bootedAt = new Date(0);
  #wanted = false;
  #joined = false;
  #frozen = false;
  #cut = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(record: MachineRecord, site: MachineSite) {
    this.record = record;
    this.#site = site;
    this.name = machineName(record);
    this.address = site.addressOf(record.number);
    this.link = site.names.machine(record.number);
  }

  get state(): MachineState {
    if (this.#nspawn === null) return "off";
    if (this.#frozen) return "frozen";
    if (this.#cut) return "cut";
    return this.#joined ? "running" : "booting";
  }

  /** The machine's init seen from outside, null while there is none. */
  get pid(): number | null {
    return this.#leader;
  }

  /** When it was last powered on, or began to come back from a reboot. */
  get bootedAt(): Date {
    return this.#bootedAt;
  }

  get consoleLog(): string {
    return join(this.#folder, "console.log");
  }

  get #folder(): string {
    return join(this.#site.home.machines, this.name);
  }

  get #cgroup(): string {
    return `${this.#site.names.tag}/${this.name}`;
  }

  /** Powers it on; returns when its init runs. A machine that is on stays as it is. `held`: engine and agent wait to be released. */
  boot(held: boolean, signal: AbortSignal): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#nspawn !== null) return;
      this.#disk = await mountDisk(this.#folder, this.#site.space, signal);
      this.record = await provision(this.record, this.#disk, this.#site, signal);
      this.#wanted = true;
      await this.#start(held, signal);
    });
  }

  /** To be told that it joined the cluster, which it cannot see by itself. */
  markJoined(): void {
    if (this.#nspawn === null) return;
    this.#joined = true;
    this.#site.changed();
  }

  /** Cuts the power: returns when its init is gone. */
  async kill(signal: AbortSignal): Promise<void> {
    this.#wanted = false;
    const nspawn = this.#nspawn;
    if (this.#leader !== null) killProcess(this.#leader);
    await removeCgroup(this.#site.cgroups, this.#cgroup, signal);
    await nspawn?.ended;
    await this.#exclusive(() => this.#afterEnd());
  }

  /** Presses the power button and waits; after 15 s pulls the plug. */
  async powerOff(signal: AbortSignal): Promise<void> {
    this.#wanted = false;
    if (this.#frozen) await this.thaw(signal);
    const nspawn = this.#nspawn;
    if (nspawn === null) return;
    nspawn.powerOff();
    let off = false;
    void nspawn.ended.then(() => {
      off = true;
    });
    if (await until(async () => off, { everyMs: 20, forMs: POWER_OFF_MS }, signal))
      await this.#exclusive(() => this.#afterEnd());
    else await this.kill(signal);
  }

  /** Lets its systemd reboot it; returns when its new init runs. */
  async reboot(signal: AbortSignal): Promise<void> {
    const before = this.#requireInit("reboot");
    const result = await runInside(before, ["systemctl", "reboot"], 10_000, signal);
    if (result.code !== 0 && this.#leader === before)
      throw labFailed(`${this.name} did not reboot`, {
        why: result.stderr.trim() || `systemctl ended with ${result.code}`,
      });
    this.#joined = false;
    const back = await until(
      async () => this.#leader !== null && this.#leader !== before,
      { everyMs: 20, forMs: 60_000 },
      signal,
    );
    if (!back)
      throw labFailed(`${this.name} did not come back from its reboot`, { try: `npx lab console ${this.name}` });
  }

  freeze(signal: AbortSignal): Promise<void> {
    return this.#setFrozen(true, signal);
  }

  thaw(signal: AbortSignal): Promise<void> {
    return this.#setFrozen(false, signal);
  }

  /** Pulls or plugs its network cable; lasts over reboots until it is plugged in again. */
  async setCut(cut: boolean, signal: AbortSignal): Promise<void> {
    this.#cut = cut;
    if (this.#nspawn !== null) await this.#site.setCable(this.link, !cut, signal);
    this.#site.changed();
  }

  /** Ends its etcd member without a farewell; fine where there is none. */
  async endEtcd(): Promise<void> {
    if (this.#leader === null || this.#frozen || this.record.role !== "etcd") return;
    await runInside(
      this.#leader,
      ["systemctl", "kill", "--signal=KILL", "quarterdeck-etcd.service"],
      3000,
      new AbortController().signal,
    );
  }

  async fillDisk(signal: AbortSignal): Promise<void> {
    this.#requireInit("fill the disk of");
    if (this.#disk !== null) await fillDisk(this.#disk, signal);
  }

  async drainDisk(): Promise<void> {
    if (this.#disk !== null) await drainDisk(this.#disk);
  }

  /** Powers it off. */
  async [Symbol.asyncDispose](): Promise<void> {
    const never = new AbortController().signal;
    await this.powerOff(never);
    await removeCgroup(this.#site.cgroups, this.#cgroup, never);
  }

  async #start(held: boolean, signal: AbortSignal): Promise<void> {
    const { site, disk } = { site: this.#site, disk: this.#disk };
    if (disk === null) throw labFailed(`${this.name} has no disk mounted`);
    await gateServices(disk.space.reach(disk.root), held);
    await createCgroup(site.cgroups, this.#cgroup);
    this.#bootedAt = new Date();
    const nspawn = await startNspawn({
      name: this.link,
      link: this.link,
      hostname: this.name,
      machineId: this.record.machine,
      space: disk.space,
      root: disk.root,
      binds: site.bindsOf(disk),
      readOnlyBinds: site.readOnlyBinds,
      cgroupEntries: cgroupEntries(site.cgroups, this.#cgroup),
      consoleLog: this.consoleLog,
    });
    this.#nspawn = nspawn;
    this.#joined = false;
    this.#frozen = false;
    site.changed();
    this.#leader = await awaitLeader(nspawn, signal);
    if (this.#leader === null) {
      const said = (await readFile(this.consoleLog, "utf8").catch(() => "")).trim().split("\n").slice(-3).join("\n");
      this.#wanted = false;
      await removeCgroup(site.cgroups, this.#cgroup, signal);
      await this.#afterEnd();
      throw labFailed(`${this.name} did not boot`, { why: said, try: `npx lab console ${this.name}` });
    }
    await site.setCable(this.link, !this.#cut, signal);
    site.changed();
    void this.#watch(nspawn);
  }

  /** Starts it again when it asked for a reboot; nspawn itself only ends. */
  async #watch(nspawn: Nspawn): Promise<void> {
    const end = await nspawn.ended;
    await this.#exclusive(async () => {
      if (this.#nspawn !== nspawn) return;
      const never = new AbortController().signal;
      // Also what outlived an nspawn that somebody killed.
      await removeCgroup(this.#site.cgroups, this.#cgroup, never);
      await this.#afterEnd();
      if (end !== "reboot" || !this.#wanted) return;
      noteOnConsole(this.consoleLog, "reboot");
      await this.#start(false, never);
    }).catch((error: unknown) => this.#site.report(error));
  }

  async #afterEnd(): Promise<void> {
    this.#nspawn = null;
    this.#leader = null;
    this.#joined = false;
    this.#frozen = false;
    this.#site.changed();
  }

  async #setFrozen(frozen: boolean, signal: AbortSignal): Promise<void> {
    this.#requireInit(frozen ? "freeze" : "thaw");
    // The payload is the machine; nspawn beside it must stay able to act.
    const done = await setFrozen(join(this.#site.cgroups.unified, this.#cgroup, "payload"), frozen, signal);
    if (!done) throw labFailed(`${this.name} is not ${frozen ? "frozen" : "thawed"} after 5 s`);
    this.#frozen = frozen;
    this.#site.changed();
  }

  #requireInit(verb: string): number {
    if (this.#leader !== null) return this.#leader;
    throw new CodedError("CONFLICT", {
      message: `cannot ${verb} ${this.name}: it is off`,
      try: `npx lab boot ${this.name}`,
    });
  }

  #exclusive<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(work);
    // The next in the queue waits for the end of this one, however it ended; whoever called this one gets its failure.
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
