import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@quarterdeck/daemon";
import { keys, type EtcdClient } from "@quarterdeck/etcd";
import type { MachineId, Presence, Timestamp, UnitName } from "@quarterdeck/model";
import { AgentCounts } from "../agent-counts.ts";
import { AppliedStore } from "../applied-store.ts";
import { beginSchedule } from "../begin-schedule.ts";
import { FakeUnitManager, type ReadUnit } from "../fake-unit-manager.ts";
import { HealthMonitor } from "../health/health-monitor.ts";
import { holdPresence } from "../hold-presence.ts";
import { realClock } from "../real-clock.ts";
import { Reconciler } from "../reconciler.ts";
import { Schedule, type Entries } from "../schedule.ts";
import { StateReporter } from "../state-reporter.ts";
import { UnitFiles } from "../unit-files.ts";
import { UnitTexts } from "../unit-texts.ts";
import { Wakeup } from "../wakeup.ts";

export type SimulatedAgentOptions = {
  readonly machine: MachineId;
  readonly hostname: string;
  readonly client: EtcdClient;
  /** The machine's disk: a directory of its own. */
  readonly directory: string;
  readonly ttlSeconds: number;
};

const log = createLogger("simulated");
log.level = "silent";

/** The agent's own presence, schedule, reconciler and reporter on a systemd in memory: no HTTP, no D-Bus, no copy of the schedule on disk. */
export class SimulatedAgent {
  readonly machine: MachineId;
  readonly manager: FakeUnitManager;
  readonly counts = new AgentCounts();
  /** How often its watch of the schedule had something to tell. */
  scheduleChanges = 0;
  readonly #options: SimulatedAgentOptions;

  constructor(options: SimulatedAgentOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.manager = new FakeUnitManager(readerOf(join(options.directory, "links")));
  }

  /** Runs until the signal aborts; then, as with an agent that was killed, its presence lasts as long as its lease. */
  async run(signal: AbortSignal): Promise<void> {
    const { machine, client, directory, ttlSeconds } = this.#options;
    const directories = { units: join(directory, "units"), links: join(directory, "links") };
    for (const each of Object.values(directories)) await mkdir(each, { recursive: true });
    const presence = presenceOf(this.#options);
    const wakeup = new Wakeup();
    const reporter = new StateReporter({ machine, clock: realClock, log, counts: this.counts });
    const schedule = new Schedule({
      machine,
      clock: realClock,
      log,
      onReset: () => reporter.distrust(),
      onChange: () => {
        this.scheduleChanges += 1;
        wakeup.wake();
      },
    });
    using health = new HealthMonitor({
      probe: () => Promise.resolve({ ok: true, definite: true, detail: "simulated" }),
      clock: realClock,
      onChange: () => wakeup.wake(),
    });
    const reconciler = new Reconciler({
      manager: this.manager,
      files: new UnitFiles(directories),
      applied: await AppliedStore.open(join(directory, "applied.json"), () => undefined),
      texts: new UnitTexts(async (hash, until) => (await client.get(keys.unitFile(hash), until))?.value.text ?? null),
      // No singletons: their fence is systemd's.
      fence: null,
      pki: null,
      health,
      wakeup,
      clock: realClock,
      log,
      counts: this.counts,
      bootId: presence.bootId,
      entries: () => schedule.entries,
      reportsOnly: () => schedule.held,
      previous: (unit) => reporter.previous(unit),
      report: (states) => reporter.report(states),
    });
    const present = Promise.withResolvers<void>();
    const holding = {
      client,
      machine,
      facts: Promise.resolve({ presence, changed: new Wakeup() }),
      ttlSeconds,
      leaseFile: join(directory, "lease"),
      clock: realClock,
      log,
      onHeld: () => present.resolve(),
      onRival: () => undefined,
      whileHeld: () => Promise.resolve(),
    };
    const beginning = {
      present: present.promise,
      hasRival: () => false,
      copy: null,
      schedule: {
        source: "none" as const,
        useCopy: (entries: Entries) => schedule.useCopy(entries),
        follow: (until: AbortSignal) => schedule.follow(client, until),
      },
      clock: realClock,
      log,
    };
    await Promise.all([
      holdPresence(holding, signal),
      beginSchedule(beginning, signal),
      reporter.run(client, signal),
      reconciler.run(signal),
    ]);
  }
}

function presenceOf({ machine, hostname }: SimulatedAgentOptions): Presence {
  return {
    v: 1,
    machine,
    hostname,
    address: "127.0.0.1",
    agentPort: 7443,
    zone: "simulated",
    os: "simulated",
    versions: { agent: "simulated" },
    capacity: { cpus: 64, memoryMiB: 1024 * 1024 },
    disk: { freePercent: 90 },
    metadata: {},
    bootId: `boot-${machine}`,
    instanceId: `instance-${machine}`,
    startedAt: new Date().toISOString() as Timestamp,
  };
}

function readerOf(links: string): ReadUnit {
  return (unit: UnitName) => {
    const path = join(links, unit);
    try {
      return { text: readFileSync(path, "utf8"), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  };
}
