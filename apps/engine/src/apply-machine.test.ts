import { keys } from "@quarterdeck/etcd";
import type { Machine } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { applyMachine, type MachineAction } from "./apply-machine.ts";
import { M1, M2, NOW, presenceFacts } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const record: Machine = {
  v: 1,
  machine: M1,
  metadata: { disk: "ssd" },
  cordoned: false,
  lastPresence: presenceFacts(M1),
  lostAt: null,
};

async function apply(action: MachineAction) {
  const decision = applyMachine(await viewOf(stored(keys.machine(M1), record)), action, NOW);
  if (!decision.ok) return decision.error.code;
  const [operation] = decision.value.then;
  return {
    ...decision.value,
    record: operation?.kind === "put" ? (JSON.parse(operation.json) as Machine) : null,
  };
}

test("metadata is set over what was set before, under the revision that was seen", async () => {
  expect(await apply({ verb: "set-metadata", machine: M1, metadata: { rack: "a" } })).toMatchObject({
    record: { metadata: { disk: "ssd", rack: "a" } },
    when: [{ kind: "modRevision", path: `machines/${M1}`, is: 2n }],
    changed: [M1],
    reason: { code: "REQUESTED", text: "set rack=a on m1" },
  });
});

test("an empty value forgets what was set, and is kept where it hides what the machine says of itself", async () => {
  expect(await apply({ verb: "set-metadata", machine: M1, metadata: { disk: "", role: "" } })).toMatchObject({
    record: { metadata: { role: "" } },
  });
});

test("cordon writes it down; what is so already changes nothing", async () => {
  expect(await apply({ verb: "cordon", machine: M1 })).toMatchObject({ record: { cordoned: true }, changed: [M1] });
  expect(await apply({ verb: "uncordon", machine: M1 })).toMatchObject({ then: [], changed: [] });
});

test("a machine that never joined is not found", async () => {
  expect(await apply({ verb: "cordon", machine: M2 })).toBe("NOT_FOUND");
});
