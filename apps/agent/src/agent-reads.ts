import type { Registry } from "prom-client";
import type { FactWatch } from "./fact-watch.ts";
import type { AgentReads, Text } from "./http/handle-request.ts";
import type { UnitManager } from "./ports.ts";
import type { Schedule } from "./schedule.ts";
import type { StateReporter } from "./state-reporter.ts";

export type AgentReadsParts = {
  readonly facts: FactWatch;
  readonly schedule: Schedule;
  readonly manager: UnitManager;
  readonly reporter: StateReporter;
  readonly journal: AgentReads["journal"];
  readonly statusText: AgentReads["statusText"];
  readonly registry: Registry;
};

/** What the agent answers over HTTPS, from the parts that know it. */
export function agentReads({
  facts,
  schedule,
  manager,
  reporter,
  journal,
  statusText,
  registry,
}: AgentReadsParts): AgentReads {
  const { machine, versions, startedAt } = facts.presence;
  return {
    health: () => ({
      machine,
      version: versions["agent"],
      startedAt,
      schedule: schedule.source,
      stale: schedule.stale,
      held: schedule.held,
    }),
    status: async (unit, signal) => ({
      unit,
      machine,
      properties: await manager.properties(unit, signal),
      state: reporter.previous(unit),
      entry: schedule.entries?.get(unit)?.entry ?? null,
    }),
    journal,
    statusText,
    metrics: () => metricsText(registry),
  };
}

/** What the registry counts, as Prometheus reads it. */
export async function metricsText(registry: Registry): Promise<Text> {
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** What `systemctl status quarterdeck-agent` shows of the schedule. */
export function statusLine(schedule: Schedule): string {
  if (schedule.source === "none") return "waiting for etcd";
  const units = `${schedule.entries?.size ?? 0} units`;
  if (schedule.held) return `held after a restore of etcd, until fleet brake release; ${units} are only watched`;
  return schedule.stale || schedule.source === "disk"
    ? `stale: etcd does not answer; ${units} are kept as they are`
    : units;
}
