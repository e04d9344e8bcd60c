import { keys } from "@quarterdeck/etcd";
import type { Machine, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { declareLost, planMachines, type MachineAct } from "./plan-machines.ts";
import { M1, M2, presenceFacts } from "./testing/facts.ts";
import { moment } from "./testing/signing.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const record = (changes: Partial<Machine> = {}): Machine => ({
  v: 1,
  machine: M1,
  metadata: { rack: "a" },
  cordoned: true,
  lastPresence: presenceFacts(M1),
  lostAt: null,
  ...changes,
});
const LOST_AT = "2026-11-23T00:00:00.000Z" as Timestamp;

function writtenRecord(act: MachineAct | null): unknown {
  const put = act?.transaction.then.find(({ path }) => path.startsWith("machines/"));
  return put?.kind === "put" ? JSON.parse(put.json) : null;
}

test("a machine that was never seen is remembered and audited", async () => {
  const act = planMachines(await viewOf(stored(keys.presence(M1), presenceFacts(M1))), moment);
  expect(act?.act).toBe("machine-joined");
  expect(writtenRecord(act)).toMatchObject({ machine: M1, metadata: {}, cordoned: false, lostAt: null });
  expect(act?.transaction.then.map(({ path }) => path)).toContain("audit/000000000001");
});

test("a lost machine that is back is no longer lost and keeps what the operator said of it", async () => {
  const view = await viewOf(
    stored(keys.machine(M1), record({ lostAt: LOST_AT })),
    stored(keys.presence(M1), presenceFacts(M1)),
  );
  const act = planMachines(view, moment);
  expect(act?.act).toBe("machine-returned");
  expect(writtenRecord(act)).toMatchObject({ lostAt: null, metadata: { rack: "a" }, cordoned: true });
});

test("changed facts are written without an audit entry, unchanged ones not at all", async () => {
  const changed = await viewOf(
    stored(keys.machine(M1), record()),
    stored(keys.presence(M1), presenceFacts(M1, { instanceId: "i-2" })),
  );
  const act = planMachines(changed, moment);
  expect([act?.act, act?.transaction.then.length]).toEqual(["machine-facts", 1]);
  const same = await viewOf(stored(keys.machine(M1), record()), stored(keys.presence(M1), presenceFacts(M1)));
  expect(planMachines(same, moment)).toBeNull();
});

test("a presence that names another machine than its key is not believed", async () => {
  expect(planMachines(await viewOf(stored(keys.presence(M2), presenceFacts(M1))), moment)).toBeNull();
});

test("a loss is written only while the presence is gone, and only once", async () => {
  const act = declareLost(await viewOf(stored(keys.machine(M1), record())), M1, moment);
  expect(act?.transaction.when).toContainEqual({ kind: "absent", path: `agents/${M1}/presence` });
  expect(writtenRecord(act)).toMatchObject({ lostAt: "2026-11-24T00:00:00.000Z" });
  expect(declareLost(await viewOf(stored(keys.machine(M1), record({ lostAt: LOST_AT }))), M1, moment)).toBeNull();
});
