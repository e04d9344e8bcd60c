import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import { reason, type Incarnation, type ScheduleEntry, type UnitName, type UnitState } from "@quarterdeck/model";
import { AgentCounts } from "./agent-counts.ts";
import { AppliedStore } from "./applied-store.ts";
import { FakeUnitManager } from "./fake-unit-manager.ts";
import { FENCE_UNIT, writeFenceFiles } from "./fence/fence-files.ts";
import type { ProbeResult } from "./health/derive-health.ts";
import { HealthMonitor } from "./health/health-monitor.ts";
import type { ScheduledUnit } from "./plan-pass.ts";
import type { Clock, Fence } from "./ports.ts";
import { Reconciler } from "./reconciler.ts";
import { hashOf, UnitFiles } from "./unit-files.ts";
import { UnitTexts } from "./unit-texts.ts";
import { Wakeup } from "./wakeup.ts";

/** Time that stands still; whoever waits, waits until the signal. */
export const stillClock: Clock = {
  now: () => new Date("2026-11-24T12:00:00.000Z"),
  wait: (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
};

/** A machine in memory and a temporary folder, with hands for a test to write its schedule. */
export class TestMachine implements AsyncDisposable {
  readonly dir: string;
  readonly files: UnitFiles;
  readonly manager: FakeUnitManager;
  readonly texts = new Map<string, string>();
  readonly counts = new AgentCounts();
  states: ReadonlyMap<UnitName, UnitState> = new Map();
  entries: Map<UnitName, ScheduledUnit> | null = new Map();
  bootId = "boot 1";
  /** As while a restored cluster has not been released. */
  reportsOnly = false;
  onReport: () => void = () => undefined;
  /** Whether etcd confirms this machine's entries. */
  confirmed = true;
  readonly fence: Fence = {
    stopSeconds: 3,
    permits: () => this.confirmed,
    need: () => undefined,
    lower: async (signal) => void (await this.manager.stop(FENCE_UNIT, signal)),
  };
  /** `null` as on plain processes. */
  pki: string | null;
  probeResult: ProbeResult = { ok: true, definite: true, detail: "HTTP 200" };
  #agent = new AbortController();
  #revision = 100;
  #reconciler: Reconciler | null = null;
  /** All agent processes so far; a killed one's jobs go on in systemd. */
  readonly #agents: Reconciler[] = [];
  #health: HealthMonitor | null = null;

  static async create(): Promise<TestMachine> {
    return new TestMachine(await mkdtemp(join(tmpdir(), "quarterdeck-agent-")));
  }

  private constructor(dir: string) {
    this.dir = dir;
    this.pki = join(dir, "pki");
    this.files = new UnitFiles({ units: join(dir, "units"), links: join(dir, "links") });
    this.manager = new FakeUnitManager((unit) =>
      readUnit(join(dir, unit === FENCE_UNIT ? "fence-unit" : "links"), unit),
    );
  }

  /** As the engine would: the text, and an entry that names it; another revision with every call. */
  schedule(unit: string, text: string, changes: Partial<ScheduleEntry> = {}): void {
    const hash = hashOf(text);
    this.texts.set(hash, text);
    this.#revision += 1;
    const entry: ScheduleEntry = {
      v: 1,
      incarnation: "7" as Incarnation,
      generation: 1,
      hash,
      environment: {},
      release: null,
      target: { kind: "launched" },
      reason: reason("LEAST_LOADED", "m1 runs the fewest"),
      ...changes,
    };
    this.entries ??= new Map();
    this.entries.set(unit as UnitName, { entry, revision: String(this.#revision) });
  }

  revisionOf(unit: string): string | undefined {
    return this.entries?.get(unit as UnitName)?.revision;
  }

  stateOf(unit: string): UnitState | undefined {
    return this.states.get(unit as UnitName);
  }

  /** Passes until nothing is under way and the last pass saw it so. */
  async settle(): Promise<void> {
    this.#reconciler ??= await this.#startAgent();
    for (let round = 0; round < 3; round += 1) {
      await this.#reconciler.pass(this.#agent.signal);
      await this.#reconciler.settled();
    }
  }

  /** One pass, without waiting for what it began. */
  async pass(): Promise<void> {
    this.#reconciler ??= await this.#startAgent();
    await this.#reconciler.pass(this.#agent.signal);
  }

  /** The agent's own loop, on a clock that stands still, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#reconciler ??= await this.#startAgent(false);
    await this.#reconciler.run(signal);
  }

  async jobsOver(): Promise<void> {
    for (const reconciler of this.#agents) await reconciler.settled();
  }

  /** What the agent has written down about a unit. */
  async recordOf(unit: string): Promise<unknown> {
    const text = await readFile(join(this.dir, "applied.json"), "utf8");
    return (JSON.parse(text) as { units: Record<string, unknown> }).units[unit];
  }

  /** The next pass is another process's first. */
  killAgent(): void {
    this.#agent.abort();
    this.#agent = new AbortController();
    this.#health?.[Symbol.dispose]();
    this.#reconciler = null;
  }

  async reboot(): Promise<void> {
    this.killAgent();
    this.manager.reboot();
    await rm(join(this.dir, "units"), { recursive: true, force: true });
    await rm(join(this.dir, "links"), { recursive: true, force: true });
    this.bootId += "+";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.killAgent();
    await this.jobsOver();
    await rm(this.dir, { recursive: true, force: true });
  }

  async #startAgent(observes = true): Promise<Reconciler> {
    await writeFenceFiles({ run: this.dir, links: join(this.dir, "fence-unit") });
    const applied = await AppliedStore.open(join(this.dir, "applied.json"), () => undefined);
    const wakeup = new Wakeup();
    this.#health = new HealthMonitor({
      probe: () => Promise.resolve(this.probeResult),
      clock: stillClock,
      onChange: () => wakeup.wake(),
    });
    const log = createLogger("test");
    log.level = "silent";
    const reconciler = new Reconciler({
      manager: this.manager,
      fence: this.fence,
      pki: this.pki,
      files: this.files,
      applied,
      texts: new UnitTexts((hash) => Promise.resolve(this.texts.get(hash) ?? null)),
      health: this.#health,
      wakeup,
      clock: stillClock,
      bootId: this.bootId,
      log,
      counts: this.counts,
      entries: () => this.entries,
      reportsOnly: () => this.reportsOnly,
      previous: (unit) => this.states.get(unit) ?? null,
      report: (states) => {
        this.states = states;
        this.onReport();
      },
    });
    this.#agents.push(reconciler);
    if (observes) void reconciler.observe(this.#agent.signal);
    return reconciler;
  }
}

function readUnit(links: string, unit: UnitName): { text: string; path: string } | null {
  const path = join(links, unit);
  try {
    return { text: readFileSync(path, "utf8") + readOr(join(links, `${unit}.d`, "10-quarterdeck.conf")), path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
