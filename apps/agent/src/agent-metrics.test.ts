import type { UnitName } from "@quarterdeck/model";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { agentMetrics } from "./agent-metrics.ts";
import { TestMachine } from "./testing-fixture.ts";

test("metrics count what the agent did and show how its units are, each time they are asked for", async () => {
  await using machine = await TestMachine.create();
  const registry = new Registry();
  agentMetrics(registry, {
    counts: machine.counts,
    schedule: {
      get entries() {
        return machine.entries;
      },
      stale: true,
      held: false,
    },
    states: () => machine.states.values(),
  });
  machine.schedule("a.service", "[Service]\nExecStart=/bin/a\n");
  machine.schedule("b.service", "[Service]\nExecStart=/bin/a\n");
  await machine.settle();
  machine.schedule("a.service", "[Service]\nExecStart=/bin/a2\n", { generation: 2 });
  await machine.settle();
  machine.manager.fail("b.service" as UnitName);
  await machine.settle();
  const text = await registry.metrics();
  const again = await registry.metrics();
  for (const line of [
    'quarterdeck_agent_acts_total{act="start"} 2',
    'quarterdeck_agent_acts_total{act="restart"} 1',
    'quarterdeck_agent_acts_total{act="stop"} 0',
    "quarterdeck_agent_reloads_total 1",
    'quarterdeck_agent_passes_total{outcome="ok"} 9',
    'quarterdeck_agent_passes_total{outcome="failed"} 0',
    'quarterdeck_agent_units{active="active"} 1',
    'quarterdeck_agent_units{active="failed"} 1',
    'quarterdeck_agent_unit_health{health="none"} 2',
    "quarterdeck_agent_schedule_entries 2",
    "quarterdeck_agent_stale 1",
    "quarterdeck_agent_held 0",
  ]) {
    expect(text.split("\n")).toContain(line);
    expect(again.split("\n")).toContain(line);
  }
  expect(text).toMatch(/^quarterdeck_agent_resident_memory_bytes \d{7,}$/m);
});
