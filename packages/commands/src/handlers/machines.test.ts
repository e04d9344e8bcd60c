import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { clusterOf, entry, HELLO, M1, M2, machine, state, unit } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();

const two = () => clusterOf(machine(M1, { metadata: { disk: "ssd" } }), machine(M2, { lost: true }));

test("machine shows what a machine is, what is said of it, and its units", async () => {
  const etcd = await clusterOf(
    machine(M1, { metadata: { role: "db" }, cordoned: true }),
    unit(HELLO),
    entry(M1, HELLO, "1"),
    state(M1, HELLO),
    state(M2, HELLO),
  );
  const { view } = await run(fakeContext(etcd), "machine", "m1");
  expect(view.json).toEqual({
    machine: M1,
    hostname: "m1",
    ip: "10.78.0.11",
    metadata: { role: "db" },
    state: "cordoned",
    version: "0.1.0",
    zone: "local",
    os: "Debian 12",
    versions: { agent: "0.1.0" },
    cpus: 2,
    memoryMiB: 1024,
    bootId: "b",
    agentSince: "2026-11-24T00:00:00.000Z",
    lostAt: null,
    cordoned: true,
    drain: null,
    setMetadata: { role: "db" },
    units: [{ unit: HELLO, target: "launched", active: "active", sub: "running", health: null }],
  });
  expect(textOf(view)).toContain("no, it is cordoned");
});

test("of a lost machine the units are lost, and what it was is told still", async () => {
  const etcd = await clusterOf(machine(M1, { lost: true }), unit(HELLO), entry(M1, HELLO, "1"), state(M1, HELLO));
  expect((await run(fakeContext(etcd), "machine", "abc1")).view.json).toMatchObject({
    state: "lost",
    os: "Debian 12",
    units: [{ unit: HELLO, active: "lost", sub: null }],
  });
});

test("set-metadata asks for the whole id and the pairs, and says what it did", async () => {
  const etcd = await two();
  const asked = fakeEngine(etcd, async () => ({ changed: [M1] }), signal);
  const { view } = await run(fakeContext(etcd), "set-metadata", "10.78.0.11", "role=db", "disk=");
  expect(asked[0]?.action).toEqual({ verb: "set-metadata", machine: M1, metadata: { role: "db", disk: "" } });
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done", changed: [M1] } });
  expect(textOf(view)).toContain("m1 has role=db, disk=");
});

test.each([
  [["set-metadata", "m1", "role"], 2, "USAGE"],
  [["set-metadata", "m1", "ro le=db"], 2, "USAGE"],
  [["set-metadata", "m1"], 2, "USAGE"],
  [["set-metadata", "m9", "role=db"], 3, "NOT_FOUND"],
  [["cordon", "abc"], 3, "NOT_FOUND"],
  [["cordon"], 2, "USAGE"],
  [["machine", "m9"], 3, "NOT_FOUND"],
])("%j is refused with exit code %d before anything is asked", async (words, exitCode, code) => {
  const etcd = await two();
  const { view } = await run(fakeContext(etcd), ...words);
  expect([view.exitCode, codeOf(view)]).toEqual([exitCode, code]);
  expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
});

test("cordon and uncordon name the machine, a lost one too", async () => {
  const etcd = await two();
  const asked = fakeEngine(etcd, async () => ({ changed: [M2] }), signal);
  const context = fakeContext(etcd);
  expect(textOf((await run(context, "cordon", "m2")).view)).toContain("m2 cordoned");
  expect(textOf((await run(context, "uncordon", "m2")).view)).toContain("m2 takes units again");
  expect(asked.map(({ action }) => action)).toEqual([
    { verb: "cordon", machine: M2 },
    { verb: "uncordon", machine: M2 },
  ]);
});
