import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import type { Binary } from "../binary.ts";
import type { EtcdBinary } from "../etcd-binary/etcd-source.ts";
import type { MachineView } from "../machine-view.ts";
import { machineName, type MachineRecord } from "../machine/machine-record.ts";
import type { MachineState } from "../machine/machine.ts";
import { etcdCommand, parseIgnition, preparePlace, writeMachineFiles } from "./machine-files.ts";
import { endMarked, MARK, signalMarked } from "./marked-processes.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export type PlainSite = {
  /** The folder of all machines. */
  readonly machines: string;
  readonly etcd: EtcdBinary;
  readonly binary: Binary | null;
  addressOf(number: number): string;
  /** The same Ignition config that a machine of its own would get. */
  configOf(record: MachineRecord): Promise<string>;
  /** A state that `lab list` shows changed. */
  changed(): void;
};

const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Units may take their time, but a person waits for it. */
const POWER_OFF_MS = 5000;
/** etcd takes 5 s to part from streams that nobody listens to any more; what it acknowledged is on disk anyway. */
const ETCD_MS = 1000;

/** One machine made of processes: a folder, an address of 127.0.0.0/8, and whatever was started with its mark. */
export class PlainMachine {
  readonly record: MachineRecord;
  readonly name: string;
  readonly address: string;
  readonly root: string;
  readonly #site: PlainSite;
  #daemons: ReadonlyMap<string, SupervisedProcess> = new Map();
  #bootedAt = new Date(0);
  #joined = false;
  #frozen = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(record: MachineRecord, site: PlainSite) {
    this.record = record;
    this.#site = site;
    this.name = machineName(record);
    this.address = site.addressOf(record.number);
    this.root = join(site.machines, this.name);
  }

  get bootedAt(): Date {
    return this.#bootedAt;
  }

  get state(): MachineState {
    if (this.#daemons.size === 0) return "off";
    if (this.#frozen) return "frozen";
    return this.#joined ? "running" : "booting";
  }

  /** `pid` is the agent's, for want of an init. */
  view(): MachineView {
    const pid = (this.#daemons.get("agent") ?? this.#daemons.get("etcd"))?.pid ?? null;
    return { name: this.name, machine: this.record.machine, ip: this.address, state: this.state, pid };
  }

  /** Starts etcd and, unless `held`, what needs it. A machine that is on stays as it is. */
  boot(held: boolean): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#daemons.size > 0) return;
      const { etcd, binary } = this.#site;
      const config = parseIgnition(await this.#site.configOf(this.record));
      await mkdir(this.root, { recursive: true, mode: 0o700 });
      await preparePlace(this.root, etcd, binary);
      await writeMachineFiles(this.root, config);
      const env = this.environment(randomUUID());
      const daemon = (name: string, argv: readonly string[]) =>
        [
          name,
          new SupervisedProcess({
            argv,
            env,
            cwd: this.root,
            log: join(this.root, "var/log", `${name}.log`),
            changed: () => this.#site.changed(),
          }),
        ] as const;
      const roles = this.record.role === "etcd" ? ["engine", "agent"] : ["agent"];
      this.#bootedAt = new Date();
      this.#joined = false;
      this.#frozen = false;
      this.#daemons = new Map([
        ...(this.record.role === "etcd" ? [daemon("etcd", etcdCommand(this.root, this.address, config))] : []),
        ...(binary === null ? [] : roles.map((role) => daemon(role, [join(this.root, "opt/bin/quarterdeck"), role]))),
      ]);
      await this.#daemons.get("etcd")?.start();
      if (!held) await this.release();
    });
  }

  /** Starts engine and agent, which were held back until etcd's access control was on. */
  async release(): Promise<void> {
    for (const [name, daemon] of this.#daemons) if (name !== "etcd") await daemon.start();
  }

  markJoined(): void {
    if (this.#daemons.size === 0) return;
    this.#joined = true;
    this.#site.changed();
  }

  /** Kills all its processes at once. */
  kill(): Promise<void> {
    return this.#down(() => endMarked(this.root, 0));
  }

  /** Asks units and daemons to end, then etcd, so that everybody can still say goodbye. */
  powerOff(): Promise<void> {
    return this.#down(async () => {
      if (this.#frozen) await signalMarked(this.root, "SIGCONT");
      const etcd = this.#daemons.get("etcd")?.pid ?? null;
      await endMarked(this.root, POWER_OFF_MS, new Set(etcd === null ? [] : [etcd]));
      await endMarked(this.root, ETCD_MS);
    });
  }

  async setFrozen(frozen: boolean): Promise<void> {
    if (this.#daemons.size === 0)
      throw new CodedError("CONFLICT", {
        message: `cannot ${frozen ? "freeze" : "thaw"} ${this.name}: it is off`,
        try: `npx lab boot ${this.name}`,
      });
    await signalMarked(this.root, frozen ? "SIGSTOP" : "SIGCONT");
    this.#frozen = frozen;
    this.#site.changed();
  }

  /** What makes a process one of this machine. The config is the one that a machine of its own would have; what differs is said here. */
  environment(bootId: string): Readonly<Record<string, string>> {
    const pki = join(this.root, "etc/quarterdeck/pki");
    return {
      PATH: `${join(this.root, "opt/bin")}:${PROGRAM_PATH}`,
      LANG: "C.UTF-8",
      [MARK]: this.root,
      QUARTERDECK_CONFIG: join(this.root, "etc/quarterdeck/quarterdeck.toml"),
      QUARTERDECK_SEED: join(this.root, "etc/quarterdeck/seed"),
      QUARTERDECK_MACHINE_ID: this.record.machine,
      QUARTERDECK_BOOT_ID: bootId,
      QUARTERDECK_PKI_DIR: pki,
      QUARTERDECK_REGISTRY_CA: join(pki, "ca.pem"),
      QUARTERDECK_REGISTRY_UNAVAILABLE:
        "this lab is made of plain processes: it has no containers and no image registry",
      QUARTERDECK_AGENT_UNIT_MANAGER: "process",
      QUARTERDECK_AGENT_ROOT: this.root,
    };
  }

  #down(end: () => Promise<void>): Promise<void> {
    for (const daemon of this.#daemons.values()) daemon.release();
    return this.#exclusive(async () => {
      for (const daemon of this.#daemons.values()) daemon.release();
      await end();
      this.#daemons = new Map();
      this.#joined = false;
      this.#frozen = false;
      this.#site.changed();
    });
  }

  #exclusive<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(work);
    // The next in the queue waits for the end of this one, however it ended; whoever called this one gets its failure.
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
