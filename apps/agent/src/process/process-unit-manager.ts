import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { ChangeFeed } from "../change-feed.ts";
import { NOT_THERE, type JobResult, type UnitChange, type UnitManager, type UnitProperties } from "../ports.ts";
import { CommandRunner } from "./command-runner.ts";
import { disableUnit, enableUnit } from "./enable-unit.ts";
import type { MachinePlace } from "./machine-place.ts";
import { UnitJournal } from "./unit-journal.ts";
import { UnitLauncher } from "./unit-launcher.ts";
import { newRecord, UnitProcess } from "./unit-process.ts";
import { readUnitRecords, removeUnitRecord, writeUnitRecord, type UnitRecord } from "./unit-record.ts";

export type ProcessManagerOptions = {
  readonly place: MachinePlace;
  /** Where unit files and their drop-ins are looked for. */
  readonly links: string;
  /** What must be gone after a reboot: which process is which unit's. */
  readonly records: string;
  /** Where the units' journals are. */
  readonly journal: string;
};

type UnitOnDisk = { readonly text: string; readonly dropIn: string | null };

/**
 * A service manager for where there is no systemd: services are plain processes of this user, each in a group of its own. They go on
 * without it and are found again by process id and start time. What it cannot do as systemd does it refuses, see {@link readService}.
 */
export class ProcessUnitManager implements UnitManager {
  readonly journal: UnitJournal;
  readonly #options: ProcessManagerOptions;
  readonly #launcher: UnitLauncher;
  readonly #commands: CommandRunner;
  readonly #units = new Map<UnitName, UnitProcess>();
  readonly #feed = new ChangeFeed();
  readonly #ended = new AbortController();

  /** Takes over what an earlier one left running. */
  static async open(options: ProcessManagerOptions): Promise<ProcessUnitManager> {
    const manager = new ProcessUnitManager(options);
    for (const record of await readUnitRecords(options.records)) {
      const unit = manager.#take(record);
      await unit.resume();
    }
    return manager;
  }

  private constructor(options: ProcessManagerOptions) {
    this.#options = options;
    this.journal = new UnitJournal(options.journal, options.place.hostname);
    this.#launcher = new UnitLauncher(options.place, this.journal);
    this.#commands = new CommandRunner(this.#launcher, this.journal);
  }

  async properties(unit: UnitName): Promise<UnitProperties> {
    const known = this.#units.get(unit);
    const file = await this.#read(unit);
    if (known === undefined || (file === null && !isLoaded(known.record))) {
      if (known !== undefined) await this.#forget(unit);
      return file === null ? NOT_THERE : { ...NOT_THERE, load: "loaded", fragmentPath: this.#path(unit) };
    }
    const { record } = known;
    return {
      load: "loaded",
      active: record.active,
      sub: record.sub,
      result: record.result,
      restarts: record.restarts,
      invocationId: record.invocationId,
      mainPid: record.main?.pid ?? 0,
      needReload: isLoaded(record) && file !== null && (file.text !== record.text || file.dropIn !== record.dropIn),
      fragmentPath: this.#path(unit),
      stateChangedAtMs: record.changedAtMs,
    };
  }

  async start(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return until(signal, (await this.#load(unit)).start());
  }

  async stop(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    const known = this.#units.get(unit);
    return known === undefined ? "done" : until(signal, known.stop());
  }

  async restart(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return until(signal, (await this.#load(unit)).restart());
  }

  async resetFailed(unit: UnitName): Promise<void> {
    await this.#units.get(unit)?.resetFailed();
  }

  async reload(): Promise<void> {
    for (const [name, unit] of this.#units) {
      const file = await this.#read(name);
      if (file !== null) await unit.load(file);
    }
    this.#feed.all();
  }

  enable(unit: UnitName): Promise<readonly UnitName[]> {
    return enableUnit(this.#options.links, unit);
  }

  disable(unit: UnitName): Promise<void> {
    return disableUnit(this.#options.links, unit);
  }

  changes(signal: AbortSignal): AsyncIterable<UnitChange> {
    return this.#feed.read(AbortSignal.any([signal, this.#ended.signal]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.journal[Symbol.asyncDispose]();
  }

  /** As systemd does it: a unit that is not loaded is read from disk, one that is stays what it was until a reload. */
  async #load(unit: UnitName): Promise<UnitProcess> {
    const file = await this.#read(unit);
    const known = this.#units.get(unit);
    if (known !== undefined && (isLoaded(known.record) || file === null)) return known;
    if (file === null) throw new CodedError("SYSTEMD_REFUSED", { message: `there is no unit ${unit} on this machine` });
    if (known === undefined) return this.#take(newRecord(unit, file));
    await known.load(file);
    return known;
  }

  #take(record: UnitRecord): UnitProcess {
    const { place, records } = this.#options;
    const unit = new UnitProcess(record, {
      place,
      launcher: this.#launcher,
      commands: this.#commands,
      journal: this.journal,
      ended: this.#ended.signal,
      changed: async (changed) => {
        await writeUnitRecord(records, changed);
        this.#feed.unit(changed.unit);
      },
    });
    this.#units.set(record.unit, unit);
    if (record.main !== null) this.journal.speaks(record.unit, { identifier: record.unit, pid: record.main.pid });
    return unit;
  }

  async #forget(unit: UnitName): Promise<void> {
    this.#units.delete(unit);
    await removeUnitRecord(this.#options.records, unit);
  }

  async #read(unit: UnitName): Promise<UnitOnDisk | null> {
    const text = await readFile(this.#path(unit), "utf8").catch(() => null);
    if (text === null) return null;
    const dropIn = await readFile(join(`${this.#path(unit)}.d`, "10-quarterdeck.conf"), "utf8").catch(() => null);
    return { text, dropIn };
  }

  #path(unit: UnitName): string {
    return join(this.#options.links, unit);
  }
}

/** Whether systemd would keep it in memory. */
function isLoaded({ active }: UnitRecord): boolean {
  return active !== "inactive";
}

/** The job goes on although its caller does not wait any more. */
function until<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}
