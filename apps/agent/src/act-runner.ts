import type { Logger } from "@quarterdeck/daemon";
import { CodedError, problemOf, type Problem, type UnitName } from "@quarterdeck/model";
import type { AppliedStore } from "./applied-store.ts";
import { askedOf, type AppliedUnit } from "./applied-unit.ts";
import { FENCE_UNIT } from "./fence/fence-files.ts";
import { stoppedByFence } from "./fence/fence-problems.ts";
import type { Busy, ScheduledUnit } from "./plan-pass.ts";
import { isUp, type JobResult, type UnitManager, type UnitProperties } from "./ports.ts";
import { installOf } from "./unit-definition.ts";
import type { UnitFiles } from "./unit-files.ts";

export type ActRunnerOptions = {
  readonly manager: UnitManager;
  readonly files: UnitFiles;
  readonly applied: AppliedStore;
  readonly bootId: string;
  readonly log: Logger;
  /** Called when an act is over; `retry` when systemd could not be asked and nothing was learned. */
  readonly onEnd: (unit: UnitName, retry: boolean) => void;
};

/** In a record in place of an InvocationID; none is like it. */
const FENCE_DOWN = "down";

/** What one act is about. */
export type ActTarget = {
  readonly unit: UnitName;
  readonly scheduled: ScheduledUnit;
  readonly observed: UnitProperties;
};

/** Carries acts out, each unit in its own lane, so that one slow start holds up nobody else. A later act takes the place of an earlier one. */
export class ActRunner {
  readonly #options: ActRunnerOptions;
  readonly #busy = new Map<UnitName, Busy>();
  /** The newest act of each busy unit; an older one that ends later changes nothing. */
  readonly #turns = new Map<UnitName, symbol>();
  readonly #lanes = new Set<Promise<void>>();

  constructor(options: ActRunnerOptions) {
    this.#options = options;
  }

  get busy(): ReadonlyMap<UnitName, Busy> {
    return this.#busy;
  }

  /** Returns at once. The act goes on to its end even when the agent is told to stop: systemd has it. */
  begin(kind: Busy, target: ActTarget, signal: AbortSignal): void {
    const turn = Symbol(kind);
    this.#turns.set(target.unit, turn);
    this.#busy.set(target.unit, kind);
    const lane = this.#run(kind, target, { turn, signal }).finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
  }

  /** Resolves when no act is under way. */
  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  async #run(
    kind: Busy,
    target: ActTarget,
    { turn, signal }: { readonly turn: symbol; readonly signal: AbortSignal },
  ): Promise<void> {
    const { unit } = target;
    const { log, onEnd } = this.#options;
    let retry = false;
    try {
      if (kind === "stop") await this.#stop(target, turn, signal);
      else await this.#start(kind, target, { turn, signal });
    } catch (error) {
      if (!signal.aborted) log.warn({ ...problemOf(error), unit }, `${kind} is tried again`);
      retry = true;
    }
    if (this.#turns.get(unit) !== turn) return;
    this.#turns.delete(unit);
    this.#busy.delete(unit);
    onEnd(unit, retry);
  }

  async #start(
    kind: "start" | "restart",
    { unit, scheduled, observed }: ActTarget,
    { turn, signal }: { readonly turn: symbol; readonly signal: AbortSignal },
  ): Promise<void> {
    const { manager, applied, bootId, log } = this.#options;
    const { entry } = scheduled;
    const intent: AppliedUnit = {
      ...askedOf(entry),
      target: "launched",
      entryRevision: applied.units.get(unit)?.entryRevision ?? null,
      bootId,
      acting: { invocationBefore: observed.invocationId },
      problem: null,
    };
    applied.set(unit, intent);
    // For the agent that comes after this one in the same boot: after a power cut nothing runs any more, and all is started anew.
    await applied.save({ durable: false });
    let problem: Problem | null;
    try {
      // A person asked for this start: what failed before, and how often, is forgiven.
      if (observed.active === "failed") await manager.resetFailed(unit, signal);
      problem = startProblem(unit, await manager[kind](unit, signal));
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== "SYSTEMD_REFUSED") throw error;
      problem = error.problem;
    }
    const fence = entry.singleton === true ? await this.#fenceBehind(unit, signal) : null;
    if (this.#turns.get(unit) !== turn) return;
    if (fence === FENCE_DOWN) {
      // It was the fence that kept the unit from starting, or that stopped it meanwhile: it is to be tried again.
      applied.set(unit, { ...intent, acting: null, fence });
      await applied.save();
      throw new CodedError("FENCED", stoppedByFence(unit));
    }
    applied.set(unit, { ...intent, entryRevision: scheduled.revision, acting: null, problem, fence });
    await applied.save();
    if (problem !== null) log.warn({ ...problem, unit }, problem.message);
  }

  /** The fence that the unit runs behind; `null` when it does not run although its fence stands. The unit is looked at first: see FenceView. */
  async #fenceBehind(unit: UnitName, signal: AbortSignal): Promise<string | null> {
    const { manager } = this.#options;
    const properties = await manager.properties(unit, signal);
    const fence = await manager.properties(FENCE_UNIT, signal);
    if (fence.active !== "active") return FENCE_DOWN;
    return isUp(properties) ? fence.invocationId : null;
  }

  async #stop({ unit, scheduled }: ActTarget, turn: symbol, signal: AbortSignal): Promise<void> {
    const { manager, files, applied, bootId } = this.#options;
    const { entry } = scheduled;
    const result = await manager.stop(unit, signal);
    const after = await manager.properties(unit, signal);
    if (this.#turns.get(unit) !== turn) return;
    if (isUp(after)) {
      throw new CodedError("SYSTEMD_REFUSED", {
        message: `${unit} is ${after.active} after its stop job ended with ${result}`,
      });
    }
    const target = entry.target.kind === "loaded" ? "loaded" : "absent";
    if (target === "absent") {
      await manager.resetFailed(unit, signal);
      // By its link and its file systemd finds what it has to take back, so these go last.
      if (installOf(files.text(unit) ?? "") !== null) await manager.disable(unit, signal);
      files.remove(unit);
    }
    applied.set(unit, {
      ...askedOf(entry),
      target,
      entryRevision: scheduled.revision,
      bootId,
      acting: null,
      problem: null,
    });
    await applied.save();
  }
}

function startProblem(unit: UnitName, result: JobResult): Problem | null {
  if (result === "done") return null;
  const why = WHY[result];
  return {
    code: result === "canceled" ? "FAILED" : "UNIT_FAILED",
    message: `${unit} did not start: its job ended with ${result}`,
    ...(why === undefined ? {} : { why }),
    try: `fleet journal ${unit}`,
  };
}

const WHY: Partial<Record<JobResult, string>> = {
  canceled: "another job for the unit took its place",
  dependency: "a unit that it requires did not start",
  timeout: "it was not up within its TimeoutStartSec",
  skipped: "a condition in its file does not hold on this machine",
};
