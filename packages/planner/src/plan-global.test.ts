import { expect, test } from "vitest";
import { planSchedule } from "./plan-schedule.ts";
import { aMachine, at, aUnit, aView } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

const NOW = at(60);
const wants = (role: string) => [
  aUnit("g.service", { options: { global: true, machineMetadata: [{ key: "role", values: [role] }] } }),
];
const machines = [aMachine(1), aMachine(2, { metadata: { role: "db" } })];

test("a Global unit that no machine matches has the reason of each, for whoever asks why", () => {
  const { steps } = planSchedule(aView(machines, wants("web")), NOW);
  expect(steps).toMatchObject([
    {
      kind: "record",
      status: {
        phase: "global",
        refusals: [
          { reason: { code: "METADATA_MISMATCH", text: "m1 has role=worker, not role=web" } },
          { reason: { code: "METADATA_MISMATCH", text: "m2 has role=db, not role=web" } },
        ],
      },
    },
  ]);
});

test("one that runs where it is meant to has no reasons of the machines that it is not meant for", () => {
  const view = settleDown(aView(machines, wants("db")), NOW);
  expect([...view.statuses.values()]).toMatchObject([{ phase: "global", refusals: [] }]);
});
