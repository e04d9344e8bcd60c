import type { Logger } from "@quarterdeck/daemon";
import { keys, ranges, type EtcdClient, type Snapshot } from "@quarterdeck/etcd";
import { problemOf, type MachineId, type UnitName } from "@quarterdeck/model";
import type { ScheduledUnit } from "./plan-pass.ts";
import type { Clock } from "./ports.ts";

export type Entries = ReadonlyMap<UnitName, ScheduledUnit>;

export type ScheduleOptions = {
  readonly machine: MachineId;
  readonly clock: Clock;
  readonly log: Logger;
  /** The entries changed. */
  readonly onChange: () => void;
  /** etcd may have lost what was written to it (restored, wiped, or out of touch for long). */
  readonly onReset: () => void;
};

const RETRY_MS = 1000;
/** Etcd confirms several times within this time, even when nothing changes. */
const STALE_AFTER_MS = 30_000;

/** What this machine is to run: from etcd, or, until etcd has answered for the first time, from the copy on disk. */
export class Schedule {
  readonly #options: ScheduleOptions;
  #entries: Entries | null = null;
  #source: "none" | "disk" | "etcd" = "none";
  #held = false;
  #ageMs: () => number = () => Number.POSITIVE_INFINITY;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  get entries(): Entries | null {
    return this.#entries;
  }

  get source(): "none" | "disk" | "etcd" {
    return this.#source;
  }

  /** `true` while etcd does not confirm that the entries are current; they stay in force. */
  get stale(): boolean {
    return this.#ageMs() > STALE_AFTER_MS;
  }

  /**
   * `true` from when a restore raised the epoch until somebody releases it: what etcd says is of the past, so it is neither carried out nor kept on disk.
   * An epoch that cannot be read counts as not released.
   */
  get held(): boolean {
    return this.#held;
  }

  /** Does nothing once etcd has answered. */
  useCopy(entries: Entries): void {
    if (this.#source === "etcd") return;
    this.#entries = entries;
    this.#source = "disk";
    this.#options.onChange();
  }

  /** Keeps the entries current until the signal aborts. Losing etcd changes nothing but {@link Schedule.stale}. */
  async follow(client: EtcdClient, signal: AbortSignal): Promise<void> {
    const { machine, clock, log, onChange, onReset } = this.#options;
    const range = ranges.scheduleOf(machine);
    let complained = "";
    while (!signal.aborted) {
      try {
        await using mirror = await client.mirror([range.path, keys.epoch().path], signal);
        this.#ageMs = () => mirror.ageMs();
        for await (const change of mirror.changes(signal)) {
          for (const { path } of mirror.unreadable(range))
            log.error({ path }, "an entry of the schedule cannot be read; its unit is left as it is");
          this.#entries = this.#read(
            mirror.list(range),
            mirror.unreadable(range).map(({ path }) => path.slice(range.path.length)),
          );
          this.#source = "etcd";
          this.#hold(mirror);
          complained = "";
          onChange();
          if (change.reset) onReset();
        }
      } catch (error) {
        if (signal.aborted) return;
        const problem = problemOf(error);
        if (problem.code !== complained) log.warn(problem, "the schedule is read again until etcd answers");
        complained = problem.code;
        await clock.wait(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  #hold(mirror: Snapshot): void {
    const { log } = this.#options;
    const before = this.#held;
    try {
      const epoch = mirror.get(keys.epoch())?.value ?? null;
      this.#held = epoch !== null && !epoch.released;
      if (this.#held && !before)
        log.warn(epoch, "etcd was restored: nothing is started or stopped until somebody types fleet brake release");
    } catch (error) {
      this.#held = true;
      if (!before) log.error(problemOf(error), "the epoch cannot be read; nothing is started or stopped");
    }
    if (before && !this.#held) log.info("released: the schedule is carried out again");
  }

  /** An entry that cannot be read counts as it was before: an unreadable word stops nothing. */
  #read(
    list: readonly {
      readonly names: readonly string[];
      readonly value: ScheduledUnit["entry"];
      readonly modRevision: bigint;
    }[],
    unreadable: readonly string[],
  ): Entries {
    const entries = new Map<UnitName, ScheduledUnit>();
    for (const { names, value, modRevision } of list)
      entries.set(names[0] as UnitName, { entry: value, revision: String(modRevision) });
    for (const name of unreadable) {
      const before = this.#entries?.get(name as UnitName);
      if (before !== undefined) entries.set(name as UnitName, before);
    }
    return entries;
  }
}
