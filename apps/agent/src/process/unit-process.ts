import { randomUUID } from "node:crypto";
import { CodedError, problemOf, type UnitName } from "@quarterdeck/model";
import type { JobResult } from "../ports.ts";
import type { CommandRunner } from "./command-runner.ts";
import { describeExit, isClean, resultOf, type Exit } from "./exit-rule.ts";
import { killUnit } from "./kill-unit.ts";
import type { MachinePlace } from "./machine-place.ts";
import { readService, type Service } from "./read-service.ts";
import type { UnitJournal } from "./unit-journal.ts";
import { adopt, type Launch, type Launched, type UnitLauncher } from "./unit-launcher.ts";
import type { UnitRecord } from "./unit-record.ts";

export type UnitProcessParts = {
  readonly place: MachinePlace;
  readonly launcher: UnitLauncher;
  readonly commands: CommandRunner;
  readonly journal: UnitJournal;
  /** Keeps the record and tells whoever watches. */
  readonly changed: (record: UnitRecord) => Promise<void>;
  /** Aborts when the agent ends: from then on nothing is done to the unit any more. */
  readonly ended: AbortSignal;
};

type JobKind = "start" | "stop" | "restart" | "exit";
type Job = { readonly kind: JobKind; readonly cancel: AbortController; readonly done: Promise<JobResult> };

/** One service: jobs come one after the other, a stop takes the place of a start that is under way. */
export class UnitProcess {
  readonly #parts: UnitProcessParts;
  #record: UnitRecord;
  #main: Launched | null = null;
  #job: Job | null = null;
  #restart: NodeJS.Timeout | null = null;
  /** When it was started, for the start limit. */
  #starts: readonly number[] = [];

  constructor(record: UnitRecord, parts: UnitProcessParts) {
    this.#record = record;
    this.#parts = parts;
  }

  get record(): UnitRecord {
    return this.#record;
  }

  /** Goes on with what an earlier agent left: what runs is watched, what was being started is begun anew by whoever wants it. */
  async resume(): Promise<void> {
    const { active, main, invocationId } = this.#record;
    if (active === "inactive" || active === "failed") return;
    if (active === "active" && main === null) return;
    if (main === null) {
      await killUnit({ pid: null, invocationId }, "SIGKILL", 0);
      if (this.#record.sub === "auto-restart") this.#restartLater(0);
      else await this.#become({ active: "inactive", sub: "dead", result: "success" });
      return;
    }
    this.#watch(adopt(main, this.#parts.ended));
    await this.#become({ active: "active", sub: "running", result: "success" });
  }

  start(): Promise<JobResult> {
    if (this.#job?.kind === "start") return this.#job.done;
    return this.#begin("start", (canceled) => this.#start(canceled, 0));
  }

  stop(): Promise<JobResult> {
    if (this.#job?.kind === "stop") return this.#job.done;
    if (this.#job?.kind === "start" || this.#job?.kind === "restart") this.#job.cancel.abort();
    return this.#begin("stop", () => this.#stop());
  }

  restart(): Promise<JobResult> {
    return this.#begin("restart", async (canceled) => {
      await this.#stop();
      return canceled.aborted ? "canceled" : this.#start(canceled, 0);
    });
  }

  async resetFailed(): Promise<void> {
    this.#starts = [];
    if (this.#record.active === "failed") await this.#become({ active: "inactive", sub: "dead", result: "success" });
  }

  /** Takes over what is on disk now; what runs goes on as it was started. */
  async load(file: { readonly text: string; readonly dropIn: string | null }): Promise<void> {
    if (file.text === this.#record.text && file.dropIn === this.#record.dropIn) return;
    this.#record = { ...this.#record, ...file };
    await this.#parts.changed(this.#record);
  }

  #begin(kind: JobKind, body: (canceled: AbortSignal) => Promise<JobResult>): Promise<JobResult> {
    const before = this.#job?.done;
    const cancel = new AbortController();
    const run = async (): Promise<JobResult> => {
      await Promise.allSettled([before]);
      return body(cancel.signal);
    };
    const job: Job = { kind, cancel, done: run() };
    this.#job = job;
    return job.done.finally(() => {
      if (this.#job === job) this.#job = null;
    });
  }

  async #start(canceled: AbortSignal, restarts: number): Promise<JobResult> {
    if (this.#record.active === "active") return "done";
    this.#cancelRestart();
    const service = this.#service();
    if (!this.#mayStart(service)) {
      await this.#become({ active: "failed", sub: "failed", result: "start-limit-hit" });
      return "failed";
    }
    const invocationId = randomUUID().replaceAll("-", "");
    const launch = await this.#parts.launcher.prepare(this.#record.unit, service, invocationId);
    const oneshot = service.type === "oneshot";
    await this.#become({
      active: "activating",
      sub: "start-pre",
      result: "success",
      restarts,
      invocationId,
      main: null,
    });
    const failure = await this.#parts.commands.runAll(
      oneshot ? [...service.before, ...service.start] : service.before,
      { launch, success: service.success, limitMs: service.startMs, canceled },
    );
    if (canceled.aborted) {
      await this.#become({ active: "inactive", sub: "dead", result: "success" });
      return "canceled";
    }
    if (failure !== null) return this.#fail(service, failure);
    if (!oneshot) return this.#launchMain(service, launch);
    await killUnit({ pid: null, invocationId }, service.killSignal, service.stopMs);
    await this.#become(
      service.remainAfterExit
        ? { active: "active", sub: "exited", result: "success" }
        : { active: "inactive", sub: "dead", result: "success" },
    );
    return "done";
  }

  async #launchMain(service: Service, launch: Launch): Promise<JobResult> {
    const [command] = service.start;
    const { journal } = this.#parts;
    try {
      if (command === undefined) throw new CodedError("INTERNAL", { message: "a service without ExecStart= was read" });
      const main = await this.#parts.launcher.launch(launch, command);
      this.#watch(main);
      await this.#become({ active: "active", sub: "running", result: "success", main: main.identity });
    } catch (error) {
      await journal.note(launch.unit, problemOf(error).message, 3);
      return this.#fail(service, "exit-code");
    }
    if (service.notifies)
      await journal.note(launch.unit, "Type=notify is taken for exec: plain processes have nobody to notify", 5);
    await journal.note(launch.unit, `Started ${launch.unit}`);
    return "done";
  }

  async #stop(): Promise<JobResult> {
    this.#cancelRestart();
    const main = this.#main;
    this.#main = null;
    const { active } = this.#record;
    if (active === "failed") return "done";
    if (active === "inactive") return "done";
    if (main === null) {
      await this.#become({ active: "inactive", sub: "dead", result: "success" });
      return "done";
    }
    const read = this.#read();
    await this.#become({ active: "deactivating", sub: "stop-sigterm" });
    if (read.ok) await this.#runStop(read.value, main);
    const group = { pid: main.identity.pid, invocationId: this.#record.invocationId };
    const service = read.ok ? read.value : null;
    await killUnit(group, service?.killSignal ?? "SIGTERM", service === null ? 10_000 : service.stopMs);
    const exit = await main.ended;
    const clean = exit.kind === "unknown" || service === null || isClean(exit, service.success, true);
    await this.#parts.journal.note(this.#record.unit, `Stopped ${this.#record.unit}: ${describeExit(exit)}`);
    const end = clean
      ? { active: "inactive" as const, sub: "dead", result: "success" }
      : { active: "failed" as const, sub: "failed", result: resultOf(exit) };
    await this.#become({ ...end, main: null });
    return "done";
  }

  async #runStop(service: Service, main: Launched): Promise<void> {
    if (service.stop.length === 0) return;
    const { unit, invocationId } = this.#record;
    const launch = await this.#parts.launcher.prepare(unit, service, invocationId);
    const environment = { ...launch.environment, MAINPID: String(main.identity.pid) };
    await this.#parts.commands.runEach(service.stop, {
      launch: { ...launch, environment },
      success: service.success,
      limitMs: service.stopMs,
      canceled: this.#parts.ended,
    });
  }

  #watch(main: Launched): void {
    this.#main = main;
    void main.ended.then((exit) => {
      if (this.#main !== main || this.#parts.ended.aborted) return;
      this.#main = null;
      // Nobody waits for it: what goes wrong is in the journal, and the state says the rest.
      void Promise.allSettled([this.#begin("exit", () => this.#afterExit(exit, main))]);
    });
  }

  async #afterExit(exit: Exit, main: Launched): Promise<JobResult> {
    const { unit, invocationId } = this.#record;
    const read = this.#read();
    await this.#parts.journal.note(unit, `Main process ended: ${describeExit(exit)}`, 5);
    const service = read.ok ? read.value : null;
    const group = { pid: main.identity.pid, invocationId };
    await killUnit(group, service?.killSignal ?? "SIGTERM", service === null ? 10_000 : service.stopMs);
    await this.#become({ main: null });
    if (service === null) return this.#fail(null, resultOf(exit));
    if (!isClean(exit, service.success, true)) return this.#fail(service, resultOf(exit));
    if (service.restart === "always") await this.#autoRestart(service, "success");
    else if (service.remainAfterExit) await this.#become({ active: "active", sub: "exited" });
    else await this.#become({ active: "inactive", sub: "dead", result: "success" });
    return "done";
  }

  async #fail(service: Service | null, result: string): Promise<"failed"> {
    if (service !== null && service.restart !== "no") await this.#autoRestart(service, result);
    else {
      await this.#become({ active: "failed", sub: "failed", result, main: null });
      await this.#parts.journal.note(this.#record.unit, `Failed with result '${result}'`, 4);
    }
    return "failed";
  }

  async #autoRestart(service: Service, result: string): Promise<void> {
    await this.#become({ active: "activating", sub: "auto-restart", result, main: null });
    this.#restartLater(service.restartMs);
  }

  #restartLater(afterMs: number): void {
    if (this.#parts.ended.aborted) return;
    this.#restart = setTimeout(() => {
      const { restarts } = this.#record;
      // A refusal now is one that the file on disk earned since; the state stays auto-restart's result.
      void Promise.allSettled([this.#begin("start", (canceled) => this.#start(canceled, restarts + 1))]).then(([end]) =>
        end.status === "rejected" ? this.#fail(null, "resources") : null,
      );
    }, afterMs).unref();
  }

  #cancelRestart(): void {
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
  }

  #mayStart({ startLimit: { burst, intervalMs } }: Service): boolean {
    const now = performance.now();
    this.#starts = [...this.#starts.filter((at) => now - at < intervalMs), now];
    return burst === 0 || this.#starts.length <= burst;
  }

  #read() {
    return readService(this.#record.unit, this.#record, this.#parts.place);
  }

  #service(): Service {
    const read = this.#read();
    if (read.ok) return read.value;
    const { code: _, ...fields } = read.error;
    throw new CodedError("SYSTEMD_REFUSED", fields);
  }

  async #become(change: Partial<UnitRecord>): Promise<void> {
    const moved = change.active !== undefined && change.active !== this.#record.active;
    this.#record = { ...this.#record, ...change, ...(moved ? { changedAtMs: Date.now() } : {}) };
    if (!this.#parts.ended.aborted) await this.#parts.changed(this.#record);
  }
}

/** A unit that has not run since the machine came up. */
export function newRecord(unit: UnitName, file: { readonly text: string; readonly dropIn: string | null }): UnitRecord {
  return {
    v: 1,
    unit,
    ...file,
    active: "inactive",
    sub: "dead",
    result: "success",
    restarts: 0,
    invocationId: "",
    main: null,
    changedAtMs: 0,
  };
}
