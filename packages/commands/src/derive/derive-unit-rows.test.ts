import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { clusterOf, entry, HASH, HELLO, M1, M2, machine, state, unit } from "../testing/seed-cluster.ts";
import { deriveUnitRows } from "./derive-unit-rows.ts";

const rowsOf = async (...given: Parameters<typeof clusterOf>) =>
  deriveUnitRows(deriveFacts(await (await clusterOf(...given)).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000))));

test("a row is a copy on a machine, in systemd's words", async () => {
  expect(await rowsOf(machine(M1), unit(HELLO), state(M1, HELLO, { health: "passing" }))).toEqual([
    {
      unit: HELLO,
      machine: M1,
      ip: "10.78.0.11",
      active: "active",
      sub: "running",
      load: "loaded",
      hash: HASH,
      health: "passing",
    },
  ]);
});

test("no check is no health", async () => {
  expect((await rowsOf(machine(M1), state(M1, HELLO, { health: "none" })))[0]?.health).toBeNull();
});

test("a copy on a lost machine is lost, whatever was last heard of it, and its replacement has a row of its own", async () => {
  const rows = await rowsOf(
    machine(M1, { lost: true }),
    machine(M2),
    unit(HELLO),
    state(M1, HELLO, { health: "passing" }),
    state(M2, HELLO),
  );
  expect(rows.map(({ machine: at, active, sub, load, health }) => ({ at, active, sub, load, health }))).toEqual([
    { at: M1, active: "lost", sub: null, load: null, health: null },
    { at: M2, active: "active", sub: "running", load: "loaded", health: null },
  ]);
});

test("a global unit has a row a machine, an orphan is shown, and units are in the order that people count", async () => {
  const [two, ten, orphan] = ["web@2.service", "web@10.service", "a-orphan.service"] as UnitName[] as [
    UnitName,
    UnitName,
    UnitName,
  ];
  const rows = await rowsOf(
    machine(M1),
    machine(M2),
    state(M1, ten),
    state(M2, two),
    state(M1, HELLO),
    state(M2, HELLO),
    state(M1, orphan),
  );
  expect(rows.map((row) => [row.unit, row.machine])).toEqual([
    [orphan, M1],
    [HELLO, M1],
    [HELLO, M2],
    [two, M2],
    [ten, M1],
  ]);
});

test("what should be and is not yet anywhere has no row", async () => {
  expect(await rowsOf(machine(M1), unit(HELLO), entry(M1, HELLO, "1"))).toEqual([]);
});

test("fleet #1691: an instance that runs another text than its template's is outdated; a template, and what has none, never is", async () => {
  const [template, old, current] = ["web@.service", "web@1.service", "web@2.service"] as UnitName[] as [
    UnitName,
    UnitName,
    UnitName,
  ];
  const other = "b".repeat(64) as typeof HASH;
  const rows = await rowsOf(
    machine(M1),
    unit(template, { target: "inactive" }),
    unit(old, { hash: other }),
    unit(current),
    state(M1, old, { hash: other }),
    state(M1, current, { hash: HASH }),
    state(M1, HELLO, { hash: other }),
  );
  expect(rows.map((row) => [row.unit, row.outdated === true])).toEqual([
    [HELLO, false],
    [old, true],
    [current, false],
  ]);
});
