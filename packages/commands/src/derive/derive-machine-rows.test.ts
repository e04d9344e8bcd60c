import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { clusterOf, M1, M2, M3, machine } from "../testing/seed-cluster.ts";
import { deriveMachineRows } from "./derive-machine-rows.ts";

const factsOf = async (...given: Parameters<typeof clusterOf>) =>
  deriveFacts(await (await clusterOf(...given)).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000)));

test("a machine that is present runs; one that is only known is lost, as it was last seen", async () => {
  const rows = deriveMachineRows(await factsOf(machine(M2, { lost: true }), machine(M1)));
  expect(rows).toEqual([
    { machine: M1, hostname: "m1", ip: "10.78.0.11", metadata: { role: "worker" }, state: "running", version: "0.1.0" },
    { machine: M2, hostname: "m2", ip: "10.78.0.12", metadata: { role: "worker" }, state: "lost", version: "0.1.0" },
  ]);
});

test("what operators say of a machine wins over what it says of itself", async () => {
  const rows = deriveMachineRows(await factsOf(machine(M1, { metadata: { role: "db", zone: "a" } })));
  expect(rows[0]?.metadata).toEqual({ role: "db", zone: "a" });
});

test("a cordoned machine says so, unless it is lost", async () => {
  const rows = deriveMachineRows(
    await factsOf(machine(M1, { cordoned: true }), machine(M2, { cordoned: true, lost: true }), machine(M3)),
  );
  expect(rows.map((row) => row.state)).toEqual(["cordoned", "lost", "running"]);
});

test("a cluster without machines has no rows", async () => {
  expect(deriveMachineRows(await factsOf())).toEqual([]);
});
