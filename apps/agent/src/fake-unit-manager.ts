import { CodedError, type UnitName } from "@quarterdeck/model";
import { ChangeFeed } from "./change-feed.ts";
import type { JobResult, UnitChange, UnitManager, UnitProperties } from "./ports.ts";

/** The text and path of a unit's file as it is on disk now, or `null`. */
export type ReadUnit = (unit: UnitName) => { readonly text: string; readonly path: string } | null;

type Loaded = {
  readonly text: string;
  readonly path: string;
  active: string;
  sub: string;
  result: string;
  restarts: number;
  invocation: number;
  changedAtMs: number;
};

/**
 * systemd in memory, as far as the agent can tell: holds the text a unit was loaded with until a reload, forgets what is stopped. A text with
 * `ExecStart=/bin/false` fails, `Type=oneshot` ends inactive; `BindsTo=` starts and stops it with another. `calls` is the list of what was asked, e.g. `start hello.service`.
 */
export class FakeUnitManager implements UnitManager {
  readonly calls: string[] = [];
  /** Set to make the next jobs wait for it. */
  hold: Promise<void> | null = null;
  /** How many of the next jobs are lost on their way: SYSTEMD_UNREACHABLE, and nothing happens. */
  losesNext = 0;
  /** Units that do not start. */
  readonly failing = new Set<UnitName>();
  /** Whether enabling is answered with SYSTEMD_REFUSED. */
  refusesEnable = false;
  readonly #read: ReadUnit;
  readonly #units = new Map<UnitName, Loaded>();
  readonly #feed = new ChangeFeed();
  /** The newest job of each unit; an older one is canceled by it. */
  readonly #newest = new Map<UnitName, symbol>();
  /** By unit, those that it is enabled for. */
  readonly #enabled = new Map<UnitName, readonly UnitName[]>();
  #invocations = 0;
  #nowMs = 1_700_000_000_000;

  constructor(read: ReadUnit) {
    this.#read = read;
  }

  properties(unit: UnitName): Promise<UnitProperties> {
    const onDisk = this.#read(unit);
    const loaded = this.#units.get(unit);
    const path = loaded?.path ?? onDisk?.path ?? "";
    return Promise.resolve({
      load: loaded !== undefined || onDisk !== null ? "loaded" : "not-found",
      active: loaded?.active ?? "inactive",
      sub: loaded?.sub ?? "dead",
      result: loaded?.result ?? "success",
      restarts: loaded?.restarts ?? 0,
      invocationId: loaded === undefined ? "" : loaded.invocation.toString(16).padStart(32, "0"),
      mainPid: loaded?.active === "active" ? 1000 + loaded.invocation : 0,
      needReload: loaded !== undefined && onDisk !== null && onDisk.text !== loaded.text,
      fragmentPath: path,
      stateChangedAtMs: loaded?.changedAtMs ?? 0,
    });
  }

  start(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return this.#job("start", unit, signal, () => {
      if (this.#units.get(unit)?.active === "active") return "done";
      return this.#run(unit);
    });
  }

  stop(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return this.#job("stop", unit, signal, () => {
      if (this.#units.get(unit)?.active !== "failed") this.end(unit);
      return "done";
    });
  }

  restart(unit: UnitName, signal: AbortSignal): Promise<JobResult> {
    return this.#job("restart", unit, signal, () => this.#run(unit));
  }

  resetFailed(unit: UnitName): Promise<void> {
    if (this.#units.get(unit)?.active === "failed") {
      this.#units.delete(unit);
      this.#feed.unit(unit);
    }
    return Promise.resolve();
  }

  reload(): Promise<void> {
    this.calls.push("reload");
    for (const [unit, loaded] of this.#units) {
      const onDisk = this.#read(unit);
      if (onDisk !== null) this.#units.set(unit, { ...loaded, ...onDisk });
    }
    this.#feed.all();
    return Promise.resolve();
  }

  async enable(unit: UnitName): Promise<readonly UnitName[]> {
    const wanters = [...(this.#read(unit)?.text.matchAll(/^WantedBy=(.*)$/gm) ?? [])].flatMap(
      ([, names = ""]) => names.split(" ") as UnitName[],
    );
    if (wanters.length === 0) return [];
    this.calls.push(`enable ${unit}`);
    if (this.refusesEnable)
      throw new CodedError("SYSTEMD_REFUSED", { message: `systemd did not enable ${unit}: as the test asked` });
    const before = this.#enabled.get(unit) ?? [];
    this.#enabled.set(unit, wanters);
    return wanters.filter((wanter) => !before.includes(wanter));
  }

  disable(unit: UnitName): Promise<void> {
    this.calls.push(`disable ${unit}`);
    this.#enabled.delete(unit);
    return Promise.resolve();
  }

  changes(signal: AbortSignal): AsyncIterable<UnitChange> {
    return this.#feed.read(signal);
  }

  /** As if the unit had ended by itself: what is bound to it is stopped. */
  end(unit: UnitName): void {
    if (!this.#units.delete(unit)) return;
    this.#feed.unit(unit);
    for (const [other, { text, active }] of this.#units)
      if (active !== "failed" && boundTo(text).includes(unit)) this.end(other);
  }

  /** As if the unit's process had died. */
  fail(unit: UnitName): void {
    const loaded = this.#units.get(unit);
    if (loaded !== undefined)
      this.#units.set(unit, {
        ...loaded,
        active: "failed",
        sub: "failed",
        result: "exit-code",
        changedAtMs: this.#tick(),
      });
    this.#feed.unit(unit);
  }

  /** As after a reboot: nothing is loaded, or enabled. */
  reboot(): void {
    this.#units.clear();
    this.#enabled.clear();
    this.#feed.all();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #job(word: string, unit: UnitName, signal: AbortSignal, act: () => JobResult): Promise<JobResult> {
    this.calls.push(`${word} ${unit}`);
    if (this.losesNext > 0) {
      this.losesNext -= 1;
      throw new CodedError("SYSTEMD_UNREACHABLE", { message: "as the test asked" });
    }
    const job = Symbol(word);
    this.#newest.set(unit, job);
    await this.hold;
    // A job goes on although nobody waits for it any more.
    const result = this.#newest.get(unit) === job ? act() : "canceled";
    this.#feed.unit(unit);
    signal.throwIfAborted();
    return result;
  }

  #run(unit: UnitName): JobResult {
    if (this.failing.has(unit)) return "failed";
    const onDisk = this.#units.get(unit) ?? this.#read(unit);
    if (onDisk === null)
      throw new CodedError("SYSTEMD_REFUSED", {
        message: `systemd did not start ${unit}: Unit ${unit} not found`,
      });
    for (const bound of boundTo(onDisk.text))
      if (this.#units.get(bound)?.active !== "active" && this.#run(bound) !== "done") return "dependency";
    const fails = onDisk.text.includes("ExecStart=/bin/false");
    const oneshot = onDisk.text.includes("Type=oneshot");
    this.#invocations += 1;
    this.#units.set(unit, {
      text: onDisk.text,
      path: onDisk.path,
      active: fails ? "failed" : oneshot ? "inactive" : "active",
      sub: fails ? "failed" : oneshot ? "dead" : "running",
      result: fails ? "exit-code" : "success",
      restarts: 0,
      invocation: this.#invocations,
      changedAtMs: this.#tick(),
    });
    return fails && oneshot ? "failed" : "done";
  }

  #tick(): number {
    this.#nowMs += 1000;
    return this.#nowMs;
  }
}

function boundTo(text: string): readonly UnitName[] {
  return [...text.matchAll(/^BindsTo=(.*)$/gm)].map(([, name]) => name as UnitName);
}
