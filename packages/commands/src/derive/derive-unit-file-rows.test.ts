import type { FakeEtcd } from "@quarterdeck/etcd/testing";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { readUnitTexts } from "../facts/read-unit-texts.ts";
import {
  because,
  clusterOf,
  entry,
  HASH,
  HELLO,
  M1,
  machine,
  state,
  status,
  unit,
  unitFile,
  write,
} from "../testing/seed-cluster.ts";
import { deriveUnitFileRows } from "./derive-unit-file-rows.ts";

const rowOf = async (etcd: FakeEtcd) => {
  const snapshot = await etcd.snapshot([...FACT_PREFIXES, "unit-files/"], AbortSignal.timeout(5000));
  return deriveUnitFileRows(deriveFacts(snapshot), readUnitTexts(snapshot))[0];
};

test("a unit that was only submitted is inactive, nowhere, and nothing has been said of it", async () => {
  const etcd = await clusterOf(
    machine(M1),
    unit(HELLO, { target: "inactive" }),
    unitFile(HASH, "[Service]\nExecStart=/bin/true\n"),
  );
  expect(await rowOf(etcd)).toEqual({
    unit: HELLO,
    hash: HASH,
    desiredState: "inactive",
    state: "inactive",
    target: null,
    global: false,
    reason: null,
  });
});

test("it is launched once its agent has acted on the newest entry, and inactive until then", async () => {
  const etcd = await clusterOf(machine(M1));
  const incarnation = await write(etcd, unit(HELLO));
  const placed = await write(etcd, status(HELLO, incarnation), entry(M1, HELLO, incarnation));
  expect(await rowOf(etcd)).toMatchObject({
    desiredState: "launched",
    state: "inactive",
    target: M1,
    reason: "LEAST_LOADED: 0 units",
  });
  await write(etcd, state(M1, HELLO, { incarnation: incarnation as never, entryRevision: placed }));
  expect(await rowOf(etcd)).toMatchObject({ desiredState: "launched", state: "launched", target: M1 });
  const changed = await write(etcd, entry(M1, HELLO, incarnation, { generation: 2 }));
  expect(await rowOf(etcd)).toMatchObject({ state: "inactive" });
  await write(etcd, state(M1, HELLO, { incarnation: incarnation as never, generation: 2, entryRevision: changed }));
  expect(await rowOf(etcd)).toMatchObject({ state: "launched" });
});

test("loaded is loaded", async () => {
  const etcd = await clusterOf(machine(M1));
  const incarnation = await write(etcd, unit(HELLO, { target: "loaded" }));
  const placed = await write(
    etcd,
    status(HELLO, incarnation),
    entry(M1, HELLO, incarnation, { target: { kind: "loaded" } }),
  );
  await write(
    etcd,
    state(M1, HELLO, { incarnation: incarnation as never, active: "inactive", sub: "dead", entryRevision: placed }),
  );
  expect(await rowOf(etcd)).toMatchObject({ desiredState: "loaded", state: "loaded" });
});

test("a global unit has neither a state nor a target, before it is started too", async () => {
  const etcd = await clusterOf(
    machine(M1),
    unit(HELLO, { target: "inactive" }),
    unitFile(HASH, "[Service]\nExecStart=/bin/true\n[X-Fleet]\nGlobal=true\n"),
  );
  expect(await rowOf(etcd)).toMatchObject({ state: null, target: null, global: true });
});

test("why a unit is nowhere is said", async () => {
  const etcd = await clusterOf(
    machine(M1),
    unit(HELLO),
    status(HELLO, "1", { phase: "unplaced", machine: null, reason: because("NO_CANDIDATE", "1 machine refused it") }),
  );
  expect(await rowOf(etcd)).toMatchObject({
    state: "inactive",
    target: null,
    reason: "NO_CANDIDATE: 1 machine refused it",
  });
});
