import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { giveBackMemory, readMachineId, type DaemonContext } from "@quarterdeck/daemon";
import { connectEtcd, keys, type EtcdClient, type Lease } from "@quarterdeck/etcd";
import { etcdMetrics } from "@quarterdeck/etcd/metrics";
import { problemOf, type Config, type MachineId, type Sha256 } from "@quarterdeck/model";
import { Registry } from "prom-client";
import { AgentCounts } from "./agent-counts.ts";
import { agentMetrics } from "./agent-metrics.ts";
import { agentReads, metricsText, statusLine } from "./agent-reads.ts";
import { AppliedStore } from "./applied-store.ts";
import { beginSchedule } from "./begin-schedule.ts";
import { dockerImages } from "./disk/docker-images.ts";
import { ImageMemory } from "./disk/image-memory.ts";
import { LowDisk } from "./disk/low-disk.ts";
import { readDiskFree } from "./disk/read-disk-free.ts";
import { FactWatch } from "./fact-watch.ts";
import { FenceKeeper } from "./fence/fence-keeper.ts";
import { readBootClock } from "./fence/read-boot-clock.ts";
import { HealthMonitor } from "./health/health-monitor.ts";
import { probe } from "./health/probe.ts";
import { holdPresence } from "./hold-presence.ts";
import type { AgentReads } from "./http/handle-request.ts";
import { serveHttp } from "./http/serve-http.ts";
import { readChangingFacts, readPresence } from "./machine-facts.ts";
import type { UnitManager } from "./ports.ts";
import { realClock } from "./real-clock.ts";
import { Reconciler } from "./reconciler.ts";
import { RestKeeper } from "./rest-keeper.ts";
import { readScheduleCache, writeScheduleCache } from "./schedule-cache.ts";
import { Schedule, type Entries } from "./schedule.ts";
import { StateReporter } from "./state-reporter.ts";
import type { UnitFiles } from "./unit-files.ts";
import { UnitTexts } from "./unit-texts.ts";
import { Wakeup } from "./wakeup.ts";

/** Where the agent keeps things. `run` is gone after a reboot, `state` is not; `containers` is where the container runtime keeps its own. */
export type AgentPlaces = { readonly run: string; readonly state: string; readonly containers: string };

export type AgentParts = {
  readonly manager: UnitManager;
  readonly files: UnitFiles;
  readonly places: AgentPlaces;
  readonly journal: AgentReads["journal"];
  readonly statusText: AgentReads["statusText"];
  /** Where the agent answers; `null` on all addresses of the machine. */
  readonly address: string | null;
};

const STATUS_EVERY_MS = 5000;

/** The agent from start to stop. Whatever ends it, every unit stays as it is and the machine's lease is kept for the next agent. */
export async function runAgent(
  { config, log, notifier }: DaemonContext,
  { manager, files, places, journal, statusText, address }: AgentParts,
  signal: AbortSignal,
): Promise<void> {
  const machine = await readMachineId();
  const clock = realClock;

  // One task that fails takes the others with it: a half-dead agent would look alive.
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  const wakeup = new Wakeup();
  const registry = new Registry();
  using _metrics = etcdMetrics(registry);
  await using client = await connect(config, ended);
  const fence =
    config.agent.unit_manager === "process"
      ? null
      : new FenceKeeper({
          client,
          machine,
          manager,
          places: { run: places.run, links: files.directories.links },
          ttlSeconds: config.agent.lease_ttl_seconds,
          clock,
          bootMs: readBootClock,
          log,
          onChange: () => wakeup.wake(),
        });
  const known = Promise.withResolvers<FactWatch>();
  const present = Promise.withResolvers<void>();
  let hasRival = false;
  const presenceOptions = {
    client,
    machine,
    facts: known.promise,
    ttlSeconds: config.agent.lease_ttl_seconds,
    leaseFile: join(places.run, "agent-lease"),
    clock,
    log,
    onHeld: () => {
      log.info("present");
      present.resolve();
    },
    onRival: () => {
      hasRival = true;
    },
    whileHeld: async (lease: Lease, written: Promise<void>, held: AbortSignal) => fence?.keep(lease, written, held),
  };
  // Before all else: the lease of the agent before is running out, and so is the fence of this machine's singletons.
  const holding = holdPresence(presenceOptions, ended);
  // Whoever waits for all tasks is told; until then nobody does.
  holding.catch(() => undefined);
  await using _holding = {
    [Symbol.asyncDispose]: async () => {
      failure.abort();
      await holding.catch(() => undefined);
    },
  };

  const changing = await readChangingFacts(places.containers, null);
  const presence = await readPresence({ config, machine, stateDir: places.state, now: clock.now(), changing });
  const facts = new FactWatch({
    presence,
    read: (former) => readChangingFacts(places.containers, former.disk),
    clock,
    log,
  });
  known.resolve(facts);
  const said = (what: string) => (error: unknown) => log.warn(problemOf(error), what);
  const applied = await AppliedStore.open(
    join(places.state, "applied.json"),
    said("applied.json cannot be read; what runs is adopted by its files"),
  );
  const cached = await readScheduleCache(join(places.state, "schedule.json"), said("schedule.json cannot be read"));

  const saver = new Wakeup();
  const rest = new RestKeeper({ giveBack: giveBackMemory, clock });
  const counts = new AgentCounts();
  const reporter = new StateReporter({ machine, clock, log, counts });
  const schedule = new Schedule({
    machine,
    clock,
    log,
    onReset: () => reporter.distrust(),
    onChange: () => {
      wakeup.wake();
      saver.wake();
    },
  });
  agentMetrics(registry, { counts, schedule, states: () => reporter.states });
  const fetchText = async (hash: Sha256, until: AbortSignal) =>
    (await client.get(keys.unitFile(hash), until))?.value.text ?? null;
  const texts = new UnitTexts(fetchText, cached?.texts);
  using health = new HealthMonitor({ probe, clock, onChange: () => wakeup.wake() });
  const reconciler = new Reconciler({
    fence,
    pki: config.agent.unit_manager === "process" ? null : config.pki.dir,
    manager,
    files,
    applied,
    texts,
    health,
    wakeup,
    clock,
    log,
    counts,
    bootId: presence.bootId,
    entries: () => schedule.entries,
    reportsOnly: () => schedule.held,
    previous: (unit) => reporter.previous(unit),
    report: (states) => {
      reporter.report(states);
      rest.stir();
      // The texts of new entries are at hand only now.
      saver.wake();
    },
  });
  const memory = await ImageMemory.open(join(places.state, "images.json"), said("images.json cannot be read"));
  const lowDisk = new LowDisk({
    lowPercent: config.agent.disk_low_percent,
    readFree: () => readDiskFree(places.containers),
    images: dockerImages(places.containers),
    memory,
    files,
    manager,
    entries: () => (schedule.source === "etcd" && !schedule.stale && !schedule.held ? schedule.entries : null),
    clock,
    log,
  });
  await using _http = await serveHttp({
    port: config.agent.port,
    address,
    tls: await readTls(config.pki.dir),
    log,
    reads: agentReads({ facts, schedule, manager, reporter, journal, statusText, registry }),
  });
  await using _fleetApi = await serveFleetApi({ config, machine, run: places.run, log, registry }, ended);

  const beginning = {
    present: present.promise,
    hasRival: () => hasRival,
    copy: cached?.entries ?? null,
    schedule: {
      get source() {
        return schedule.source;
      },
      useCopy: (entries: Entries) => schedule.useCopy(entries),
      follow: (until: AbortSignal) => schedule.follow(client, until),
    },
    clock,
    log,
  };
  const saveCopy = async () => {
    let saved: unknown = null;
    while (await saver.next(ended)) {
      const entries = schedule.entries;
      if (schedule.source !== "etcd" || schedule.held || entries === null) continue;
      const key = JSON.stringify([[...entries.values()].map(({ revision }) => revision), [...texts.known.keys()]]);
      if (key === saved) continue;
      await memory.note(entries);
      await writeScheduleCache(join(places.state, "schedule.json"), { entries, texts: texts.known });
      saved = key;
    }
  };
  const tell = async () => {
    let last = "";
    while (!ended.aborted) {
      const line = statusLine(schedule);
      if (line !== last) notifier.status(line);
      last = line;
      await clock.wait(STATUS_EVERY_MS, ended).catch(() => undefined);
    }
  };

  notifier.ready("started");
  log.info({ machine, version: presence.versions["agent"], bootId: presence.bootId }, "agent started");
  const tasks = [
    holding,
    facts.run(ended),
    beginSchedule(beginning, ended),
    reporter.run(client, ended),
    reconciler.run(ended),
    saveCopy(),
    lowDisk.run(ended),
    rest.run(ended),
    tell(),
  ];
  try {
    await Promise.all(tasks);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    failure.abort();
    await Promise.allSettled(tasks);
  }
}

function connect(config: Config, signal: AbortSignal): Promise<EtcdClient> {
  const file = (name: string) => join(config.pki.dir, name);
  const tls = { ca: file("ca.pem"), cert: file("machine.pem"), key: file("machine-key.pem") };
  return connectEtcd({ endpoints: config.etcd.endpoints, tls, prefix: config.etcd.prefix }, signal);
}

type FleetApiParts = Pick<DaemonContext, "config" | "log"> & {
  readonly machine: MachineId;
  readonly run: string;
  readonly registry: Registry;
};

/** What the old client needs must not keep a machine from running its units: where its port is taken the agent goes on without. */
async function serveFleetApi(
  { registry, ...parts }: FleetApiParts,
  signal: AbortSignal,
): Promise<AsyncDisposable | null> {
  if (!parts.config.agent.fleet_api) return null;
  const { openFleetApi } = await import("./fleet-api/open-fleet-api.ts");
  try {
    return await openFleetApi({ ...parts, metrics: () => metricsText(registry) }, signal);
  } catch (error) {
    parts.log.error(problemOf(error), "fleet's API cannot be served");
    return null;
  }
}

async function readTls(dir: string): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "machine.pem", "machine-key.pem"].map((name) => readFile(join(dir, name), "utf8")),
  );
  return { ca: ca ?? "", cert: cert ?? "", key: key ?? "" };
}
