import type { UnitState } from "@quarterdeck/model";
import { Counter, Gauge, type Registry } from "prom-client";
import type { AgentCounts } from "./agent-counts.ts";
import type { Schedule } from "./schedule.ts";

export type AgentMetricsParts = {
  readonly counts: AgentCounts;
  readonly schedule: Pick<Schedule, "entries" | "stale" | "held">;
  readonly states: () => Iterable<UnitState>;
};

/** systemd's ActiveState. @see org.freedesktop.systemd1(5) */
const ACTIVE = ["active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance"] as const;
const HEALTH = ["none", "unknown", "passing", "failing"] as const;

/**
 * The agent's own metrics, read when Prometheus asks, so that nobody pays for them else. Labels have closed sets of values, whatever a unit is called.
 *
 * `quarterdeck_agent_` … `passes_total{outcome}` · `pass_seconds_total` · `reloads_total`: daemon-reloads · `acts_total{act}` · `state_writes_total`,
 * `state_transactions_total`: into etcd; still while the machine is idle · `units{active}`, `unit_health{health}` · `schedule_entries` · `stale`, `held`:
 * 1 while etcd does not confirm the schedule, or a restore keeps it from being carried out · `resident_memory_bytes` · `cpu_seconds_total`.
 */
export function agentMetrics(registry: Registry, { counts, schedule, states }: AgentMetricsParts): void {
  const base = (name: string, help: string) => ({ name: `quarterdeck_agent_${name}`, help, registers: [registry] });
  const total = (name: string, help: string, read: () => number) =>
    new Counter({
      ...base(name, help),
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const now = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...base(name, help),
      collect() {
        this.set(read());
      },
    });
  new Counter({
    ...base("passes_total", "Passes: looks at all units of this machine."),
    labelNames: ["outcome"],
    collect() {
      this.reset();
      this.inc({ outcome: "ok" }, counts.passes - counts.failedPasses);
      this.inc({ outcome: "failed" }, counts.failedPasses);
    },
  });
  total("pass_seconds_total", "Time spent in passes.", () => counts.passSeconds);
  total("reloads_total", "Times that systemd was told to read all unit files again.", () => counts.reloads);
  new Counter({
    ...base("acts_total", "Units that were started, restarted or stopped."),
    labelNames: ["act"],
    collect() {
      this.reset();
      for (const [act, count] of Object.entries(counts.acts)) this.inc({ act }, count);
    },
  });
  total("state_writes_total", "States of units put or deleted in etcd.", () => counts.stateWrites);
  total("state_transactions_total", "Transactions that wrote states of units.", () => counts.stateTransactions);
  new Gauge({
    ...base("units", "Units of this machine by systemd's active state."),
    labelNames: ["active"],
    collect() {
      for (const active of ACTIVE) this.set({ active }, 0);
      for (const { active } of states()) if (ACTIVE.some((known) => known === active)) this.inc({ active });
    },
  });
  new Gauge({
    ...base("unit_health", "Units of this machine by the answer of their check."),
    labelNames: ["health"],
    collect() {
      for (const health of HEALTH) this.set({ health }, 0);
      for (const { health } of states()) this.inc({ health });
    },
  });
  now("schedule_entries", "Entries of this machine's schedule.", () => schedule.entries?.size ?? 0);
  now("stale", "1 while etcd does not confirm that the schedule is current.", () => Number(schedule.stale));
  now("held", "1 after a restore, until the schedule is released.", () => Number(schedule.held));
  now("resident_memory_bytes", "Memory of the agent.", () => process.memoryUsage.rss());
  total("cpu_seconds_total", "Processor time of the agent.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}
