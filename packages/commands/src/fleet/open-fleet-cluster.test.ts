import { setImmediate as turn } from "node:timers/promises";
import { keys, ranges, type EtcdClient, type Mirror } from "@quarterdeck/etcd";
import { requestActionSchema, type Principal } from "@quarterdeck/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { fakeEngine, type Script } from "../testing/fake-engine.ts";
import { clusterOf, HASH, HELLO, unit, unitFile, write } from "../testing/seed-cluster.ts";
import { openFleetCluster } from "./open-fleet-cluster.ts";

const TEXT = "[Service]\nExecStart=/bin/true\n";
let ended: AbortController;

beforeEach(() => {
  ended = new AbortController();
});
afterEach(() => ended.abort());

/** With an engine that does what the script says; `late` holds back what the cluster's mirror sees. */
async function open(script: Script, late: (mirror: Mirror) => Mirror = (mirror) => mirror) {
  const store = await clusterOf(unitFile(HASH, TEXT), unit(HELLO, { target: "inactive" }));
  const asked = fakeEngine(store.connect(), script, ended.signal);
  const own = store.connect();
  const mirror: EtcdClient["mirror"] = async (prefixes, signal) => {
    const real = await own.mirror(prefixes, signal);
    return prefixes.includes("units/") ? late(real) : real;
  };
  let ids = 0;
  const cluster = openFleetCluster({
    etcd: { ...own, mirror },
    principal: "operator:api-test" as Principal,
    clock: systemClock,
    newId: () => `fleet-request-${(ids += 1)}`,
  });
  return { cluster, asked };
}

const launch: Script = async (_, etcd) => {
  await write(etcd, unit(HELLO, { target: "launched", generation: 2 }));
  return {};
};

test("what was changed is seen by whoever reads next, though the mirror lags behind", async () => {
  const behind = Promise.withResolvers<void>();
  let released = false;
  const { cluster } = await open(launch, (real) => {
    const [known] = real.list(ranges.units);
    const { revision } = real;
    return {
      ...real,
      get revision() {
        return released ? real.revision : revision;
      },
      get: ((key: Parameters<Mirror["get"]>[0]) =>
        released || key.path !== keys.unit(HELLO).path ? real.get(key) : (known ?? null)) as Mirror["get"],
      list: (range) => real.list(range),
      listWhere: (range, where) => real.listWhere(range, where),
      changes: async function* (signal) {
        yield { reset: false };
        await behind.promise;
        yield* real.changes(signal);
      },
    };
  });
  await using _closed = cluster;
  await cluster.aim(HELLO, "launched", ended.signal);
  const read = cluster.unit(HELLO, ended.signal);
  for (let turns = 0; turns < 20; turns += 1) await turn();
  released = true;
  behind.resolve();
  expect(await read).toMatchObject({ desired: "launched" });
});

test("each target is asked for by its verb, under the API's own name", async () => {
  const { cluster, asked } = await open(() => Promise.resolve({ changed: [] }));
  await using _closed = cluster;
  for (const target of ["launched", "loaded", "inactive"] as const) await cluster.aim(HELLO, target, ended.signal);
  await cluster.destroy(HELLO, ended.signal);
  expect(asked.map(({ action }) => action.verb)).toEqual(["start", "load", "unload", "destroy"]);
  expect(new Set(asked.map(({ actor }) => actor.principal))).toEqual(new Set(["operator:api-test"]));
});

test("a unit that is known gets its new text and its target in one request", async () => {
  const { cluster, asked } = await open(() => Promise.resolve({ changed: [] }));
  await using _closed = cluster;
  await cluster.create({ name: HELLO, text: TEXT }, "inactive", ended.signal);
  expect(asked.map(({ action }) => action)).toEqual([
    { verb: "unload", units: [HELLO], files: [{ name: HELLO, text: TEXT }], replace: true },
  ]);
});

test("a refusal is thrown with its own code and words", async () => {
  const { cluster } = await open(() => Promise.resolve({ code: "LOCKED", message: "locked by anna", try: "wait" }));
  await using _closed = cluster;
  await expect(cluster.aim(HELLO, "launched", ended.signal)).rejects.toMatchObject({
    code: "LOCKED",
    problem: { message: "locked by anna", try: "wait" },
  });
});

test("a stored request to unload, of before it could carry text, is still read", () => {
  expect(requestActionSchema.parse({ verb: "unload", units: [HELLO] })).toEqual({
    verb: "unload",
    units: [HELLO],
    files: [],
    replace: false,
  });
});
