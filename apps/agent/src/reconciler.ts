import type { Logger } from "@quarterdeck/daemon";
import { CodedError, problemOf, type Problem, type UnitName, type UnitState } from "@quarterdeck/model";
import { ActRunner } from "./act-runner.ts";
import type { AgentCounts } from "./agent-counts.ts";
import type { AppliedStore } from "./applied-store.ts";
import { acknowledgeEntry } from "./applied-unit.ts";
import { checkIdentity } from "./check-identity.ts";
import { Enablement } from "./enablement.ts";
import { FENCE_UNIT } from "./fence/fence-files.ts";
import type { HealthMonitor } from "./health/health-monitor.ts";
import { Observations } from "./observations.ts";
import { fenceOf, planPass, type Act, type FenceView, type PassPlan, type ScheduledUnit } from "./plan-pass.ts";
import { isAbsent, NOT_THERE, type Clock, type Fence, type UnitManager, type UnitProperties } from "./ports.ts";
import { surveyStates } from "./survey-states.ts";
import { TokenBucket } from "./token-bucket.ts";
import { dropInOf } from "./unit-definition.ts";
import type { UnitFiles, WrittenUnit } from "./unit-files.ts";
import type { UnitTexts } from "./unit-texts.ts";
import type { Wakeup } from "./wakeup.ts";

type Entries = ReadonlyMap<UnitName, ScheduledUnit>;

export type ReconcilerOptions = {
  readonly manager: UnitManager;
  readonly files: UnitFiles;
  readonly applied: AppliedStore;
  readonly texts: UnitTexts;
  readonly health: HealthMonitor;
  readonly wakeup: Wakeup;
  readonly clock: Clock;
  readonly bootId: string;
  readonly log: Logger;
  readonly counts: AgentCounts;
  /** What this machine is to run, as known now; `null` while nothing is known, which is not the same as nothing. */
  readonly entries: () => Entries | null;
  /** `null` where units run on something that has none. */
  readonly fence: Fence | null;
  /** Where the machine's certificates are; `null` where units are handed none. */
  readonly pki: string | null;
  /** Whether nothing may be done: etcd was restored, and what it says has not been compared with what runs. */
  readonly reportsOnly: () => boolean;
  readonly previous: (unit: UnitName) => UnitState | null;
  readonly report: (states: ReadonlyMap<UnitName, UnitState>) => void;
};

/** What should be on disk, and what is. */
type Definitions = {
  readonly entries: Entries;
  readonly dropIns: ReadonlyMap<UnitName, string | null>;
  readonly written: ReadonlyMap<UnitName, WrittenUnit>;
  readonly observed: ReadonlyMap<UnitName, UnitProperties>;
};

const RETRY_MS = 1000;
/** Fifty units that start at once make hundreds of signals: what comes within a pause shares a pass. A lone change has no pause to wait for. */
const PACE = { burst: 4, refillMs: 50 } as const;
/** What changes in a unit while we act on it is told when the act ends, or after so long: most ends are nearer, and a state told twice is written twice. */
const OUR_DOING_MS = 100;
/** A file that is missing in etcd stays missing for a while. */
const WRITE_RETRY_MS = 5000;

/** Makes this machine be as its schedule says. Every pass looks at everything; what happened only decides when the next one is. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #observations: Observations;
  readonly #acts: ActRunner;
  readonly #enablement: Enablement;
  readonly #problems = new Map<UnitName, Problem>();
  /** An agent before may have raised it. */
  #fenceNeeded = true;
  /** Of {@link Reconciler.#wakeLater}. */
  #alarm: { readonly atMs: number; readonly timer: NodeJS.Timeout } | null = null;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#observations = new Observations(options.manager, (units) => {
      const isOurDoing = units !== "all" && units.every((unit) => this.#acts.busy.has(unit));
      if (isOurDoing) this.#wakeLater(OUR_DOING_MS);
      else options.wakeup.wake();
    });
    this.#enablement = new Enablement(options.manager);
    this.#acts = new ActRunner({
      ...options,
      onEnd: (unit, retry) => {
        this.#observations.forget(unit);
        if (retry) this.#wakeLater();
        else options.wakeup.wake();
      },
    });
  }

  /** Ends by the signal and leaves every unit as it is. */
  async run(signal: AbortSignal): Promise<void> {
    const { wakeup, clock, log, counts } = this.#options;
    const watching = this.observe(signal);
    const pace = new TokenBucket({ ...PACE, nowMs: clock.now().getTime() });
    wakeup.wake();
    while (await wakeup.next(signal)) {
      try {
        await this.pass(signal);
      } catch (error) {
        if (signal.aborted) break;
        counts.failedPasses += 1;
        const problem = problemOf(error);
        log.error(problem, "the pass is tried again");
        this.#observations.forgetAll();
        this.#wakeLater();
      }
      const pauseMs = pace.take(clock.now().getTime());
      if (pauseMs > 0) await clock.wait(pauseMs, signal).catch(() => undefined);
    }
    await watching;
  }

  /** Learns what changes in systemd until the signal aborts; part of {@link Reconciler.run}. */
  observe(signal: AbortSignal): Promise<void> {
    return this.#observations.follow(signal);
  }

  /** Resolves when no job of ours is under way. */
  settled(): Promise<void> {
    return this.#acts.settled();
  }

  async pass(signal: AbortSignal): Promise<void> {
    const { counts } = this.#options;
    const startedAt = performance.now();
    try {
      await this.#pass(signal);
    } finally {
      counts.passes += 1;
      counts.passSeconds += (performance.now() - startedAt) / 1000;
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { files, applied, bootId } = this.#options;
    const entries = this.#options.entries();
    if (entries === null) return;
    const said = new Map(this.#problems);
    this.#problems.clear();
    const written = files.list();
    const listedAt = files.changes;
    const units = new Set([...entries.keys(), ...written.keys(), ...applied.units.keys()]);
    this.#observations.keepOnly(units);
    if (this.#options.reportsOnly()) {
      await this.#conclude(entries, written, signal);
      return;
    }
    const observed = await this.#observations.of(units, signal);
    const dropIns = this.#renderDropIns(entries, written);
    const fence = await this.#viewFence(entries, written, signal);
    const isOurPath = (path: string, unit: UnitName) => files.isOurPath(path, unit);
    const plan = planPass({
      bootId,
      entries,
      dropIns,
      files: written,
      observed,
      applied: applied.units,
      busy: this.#acts.busy,
      fence,
      unidentified: await this.#findUnidentified(entries),
      isOurPath,
    });
    // Nothing tells that a certificate has come.
    const awaitsIdentity = plan.acts.some((act) => act.kind === "refuse" && act.problem.code === "INVALID_CERTIFICATE");
    if (awaitsIdentity) this.#wakeLater(WRITE_RETRY_MS);
    const unwritten = await this.#write(plan, { entries, dropIns, written, observed }, signal);
    const begin = await this.#act(
      plan.acts.filter((act) => !unwritten.has(act.unit)),
      { entries, fence },
      signal,
    );
    // Told before they begin: what they change at once would be told now, and once more with their end.
    await this.#conclude(entries, files.changes === listedAt ? written : files.list(), signal);
    for (const act of begin) act();
    for (const [unit, problem] of this.#problems) {
      if (said.get(unit)?.message !== problem.message) this.#options.log.warn({ ...problem, unit }, problem.message);
    }
  }

  /**
   * Asked anew each time, after the units: see {@link FenceView}. Where nothing runs behind the fence it is brought down; a unit that no entry names
   * any more may still.
   */
  async #viewFence(
    entries: Entries,
    written: ReadonlyMap<UnitName, WrittenUnit>,
    signal: AbortSignal,
  ): Promise<FenceView | null> {
    const { fence, manager } = this.#options;
    if (fence === null) return null;
    const needed =
      [...entries.values()].some(({ entry }) => entry.singleton === true) ||
      [...written.values()].some(({ dropIn }) => dropIn?.includes(FENCE_UNIT) === true);
    fence.need(needed);
    if (needed) this.#fenceNeeded = true;
    else if (this.#fenceNeeded) {
      if ((await manager.properties(FENCE_UNIT, signal)).active !== "inactive") await fence.lower(signal);
      this.#fenceNeeded = false;
    }
    const { active, invocationId } = needed ? await manager.properties(FENCE_UNIT, signal) : NOT_THERE;
    return {
      invocationId: active === "active" ? invocationId : "",
      permits: (unit, revision) => fence.permits(unit, revision),
    };
  }

  async #findUnidentified(entries: Entries): Promise<ReadonlyMap<UnitName, Problem>> {
    const found = new Map<UnitName, Problem>();
    for (const [unit, { entry }] of entries) {
      if (entry.identity === undefined || entry.target.kind !== "launched") continue;
      const problem = await checkIdentity(unit, entry.identity, this.#options.pki);
      if (problem !== null) found.set(unit, problem);
    }
    return found;
  }

  /** What depends on a unit's text is of no matter while that has not been written: then it is written anew, with its text. */
  #renderDropIns(entries: Entries, written: ReadonlyMap<UnitName, WrittenUnit>): ReadonlyMap<UnitName, string | null> {
    const { fence, pki } = this.#options;
    const dropIns = new Map<UnitName, string | null>();
    for (const [unit, { entry }] of entries) {
      const file = written.get(unit);
      const rendered = dropInOf(entry, { text: file?.hash === entry.hash ? file.text : null, fence, pki });
      if (rendered.ok) dropIns.set(unit, rendered.value);
      else this.#problems.set(unit, rendered.error);
    }
    return dropIns;
  }

  /**
   * Writes all, enables what asks for it, then reloads once if a loaded unit changed. Returns the units that could not be written; they are left as
   * they are.
   */
  async #write(
    plan: PassPlan,
    { entries, dropIns, written, observed }: Definitions,
    signal: AbortSignal,
  ): Promise<ReadonlySet<UnitName>> {
    const { files, texts, manager, fence, pki } = this.#options;
    const unwritten = new Set<UnitName>();
    const fail = (unit: UnitName, error: unknown): void => {
      signal.throwIfAborted();
      unwritten.add(unit);
      this.#problems.set(unit, this.#problems.get(unit) ?? problemOf(error));
      this.#wakeLater(WRITE_RETRY_MS);
    };
    const prepare = async (unit: UnitName): Promise<(() => void) | null> => {
      const entry = entries.get(unit)?.entry;
      if (entry === undefined) return null;
      try {
        if (!dropIns.has(unit)) throw new TypeError(`no drop-in was rendered for ${unit}`);
        const text = await texts.get(unit, entry.hash, signal);
        const rendered = dropInOf(entry, { text, fence, pki });
        if (!rendered.ok) throw new CodedError(rendered.error.code, rendered.error);
        await this.#enablement.prepare(unit, { old: written.get(unit)?.text ?? "", text }, signal);
        return () => files.write(unit, { text, hash: entry.hash, dropIn: rendered.value });
      } catch (error) {
        fail(unit, error);
        return null;
      }
    };
    // Side by side, for each waits for etcd and for systemd; of two that share a text the first one fetches it.
    const [first, ...others] = plan.writes;
    const prepared = new Map<UnitName, (() => void) | null>();
    if (first !== undefined) prepared.set(first, await prepare(first));
    await Promise.all(others.map(async (unit) => prepared.set(unit, await prepare(unit))));
    // All files before the first question: whenever a file is new, systemd goes through all directories of units to answer.
    const asked = new Set<UnitName>();
    const starting = new Set(plan.acts.flatMap((act) => (act.kind === "start" ? [act.unit] : [])));
    for (const [unit, write] of prepared) {
      if (write === null) continue;
      try {
        write();
        const before = observed.get(unit);
        if (starting.has(unit) && before !== undefined && isAbsent(before)) {
          // systemd reads it when it starts it; to ask before that would have it read once more.
          this.#observations.suppose(unit, { ...NOT_THERE, load: "loaded", fragmentPath: files.linkPath(unit) });
        } else {
          asked.add(unit);
          this.#observations.forget(unit);
        }
      } catch (error) {
        fail(unit, error);
      }
    }
    const after = await this.#observations.of(asked, signal);
    let reload = plan.reload || [...after.values()].some(({ needReload }) => needReload);
    if (await this.#enable({ entries, written }, unwritten, signal)) reload = true;
    if (reload) {
      await manager.reload(signal);
      this.#options.counts.reloads += 1;
      this.#observations.forgetAll();
    }
    return unwritten;
  }

  /** Whether what systemd holds of a unit that runs is old now. A unit that cannot be enabled runs all the same, and says so. */
  async #enable(
    { entries, written }: Pick<Definitions, "entries" | "written">,
    unwritten: ReadonlySet<UnitName>,
    signal: AbortSignal,
  ): Promise<boolean> {
    let reload = false;
    this.#enablement.keepOnly(entries);
    for (const [unit, { entry }] of entries) {
      if (unwritten.has(unit) || (entry.target.kind !== "launched" && entry.target.kind !== "loaded")) continue;
      const file = written.get(unit);
      const text = file?.hash === entry.hash ? file.text : this.#options.texts.known.get(entry.hash);
      if (text === undefined) continue;
      try {
        if (await this.#enablement.enable(unit, { text, hash: entry.hash }, signal)) reload = true;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof CodedError) || error.code !== "SYSTEMD_REFUSED") throw error;
        this.#problems.set(unit, this.#problems.get(unit) ?? error.problem);
      }
    }
    return reload;
  }

  /** Carries out what is done at once, and returns what is to be begun. */
  async #act(
    acts: readonly Act[],
    { entries, fence }: { readonly entries: Entries; readonly fence: FenceView | null },
    signal: AbortSignal,
  ): Promise<readonly (() => void)[]> {
    const { applied, bootId, log, counts } = this.#options;
    const begin: (() => void)[] = [];
    const observed = await this.#observations.of(new Set(acts.map((act) => act.unit)), signal);
    let recorded = false;
    for (const act of acts) {
      const scheduled = entries.get(act.unit);
      const properties = observed.get(act.unit);
      if (act.kind === "forget") {
        applied.delete(act.unit);
        recorded = true;
      } else if (act.kind === "refuse") {
        this.#problems.set(act.unit, act.problem);
      } else if (scheduled !== undefined && act.kind === "acknowledge") {
        const behind = fenceOf(act.unit, scheduled, { observed, applied: applied.units, fence });
        applied.set(act.unit, acknowledgeEntry(applied.units.get(act.unit), scheduled, { bootId, fence: behind }));
        recorded = true;
      } else if (scheduled !== undefined && properties !== undefined && act.kind !== "acknowledge") {
        begin.push(() => {
          log.info(
            { unit: act.unit, reason: act.reason, generation: scheduled.entry.generation },
            `${act.kind} ${act.unit}: ${act.reason.text}`,
          );
          counts.acts[act.kind] += 1;
          this.#acts.begin(act.kind, { unit: act.unit, scheduled, observed: properties }, signal);
        });
      }
    }
    if (recorded) await applied.save();
    return begin;
  }

  /** Tells whoever wants to know how things are. */
  async #conclude(entries: Entries, written: ReadonlyMap<UnitName, WrittenUnit>, signal: AbortSignal): Promise<void> {
    const { files, applied, texts, health, clock, bootId, previous, report } = this.#options;
    const observed = await this.#observations.of(new Set([...entries.keys(), ...written.keys()]), signal);
    const isOurPath = (path: string, unit: UnitName) => files.isOurPath(path, unit);
    const survey = {
      entries,
      files: written,
      observed,
      applied: applied.units,
      problems: this.#problems,
      bootId,
      isOurPath,
      previous,
      now: clock.now(),
    };
    const states = surveyStates(survey, health);
    texts.keepOnly(new Set([...entries.values()].map(({ entry }) => entry.hash)));
    report(states);
  }

  /** One alarm at a time, the soonest: a pass looks at all that is to do, and what it has to leave undone asks for another. */
  #wakeLater(afterMs: number = RETRY_MS): void {
    const atMs = performance.now() + afterMs;
    if (this.#alarm !== null && this.#alarm.atMs <= atMs) return;
    clearTimeout(this.#alarm?.timer);
    const timer = setTimeout(() => {
      this.#alarm = null;
      this.#options.wakeup.wake();
    }, afterMs).unref();
    this.#alarm = { atMs, timer };
  }
}
