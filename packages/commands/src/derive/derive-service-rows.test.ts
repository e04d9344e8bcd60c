import { replicaName, type Rollout, type Unit } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { deriveFacts, FACT_PREFIXES } from "../facts/derive-facts.ts";
import { fakeContext, run } from "../testing/fake-context.ts";
import {
  clusterOf,
  M1,
  M2,
  machine,
  release,
  rollout,
  ROLLOUT,
  service,
  state,
  unit,
  WEB,
} from "../testing/seed-cluster.ts";
import { deriveServiceRows } from "./derive-service-rows.ts";

const rowOf = async (...given: Parameters<typeof clusterOf>) =>
  deriveServiceRows(
    deriveFacts(await (await clusterOf(...given)).snapshot(FACT_PREFIXES, AbortSignal.timeout(5000))),
  )[0];

const replica = (index: number) =>
  unit(replicaName(WEB, index), { origin: { kind: "replica", service: WEB, index, release: 1 } as Unit["origin"] });

test("a service that was never deployed wants nothing", async () => {
  expect(await rowOf(service())).toEqual({
    service: "web",
    release: null,
    version: null,
    image: null,
    desired: 0,
    running: 0,
    healthy: 0,
    rollout: null,
  });
});

test("replicas run where they are active on a machine that can be asked, and are healthy unless their check says otherwise", async () => {
  const row = await rowOf(
    machine(M1),
    machine(M2, { lost: true }),
    service({ release: 1, rollout: ROLLOUT }),
    release(1, "1.0.0"),
    rollout(),
    replica(1),
    replica(2),
    state(M1, replicaName(WEB, 1), { health: "passing" }),
    state(M1, replicaName(WEB, 2), { health: "failing" }),
    state(M2, replicaName(WEB, 2), { health: "passing" }),
  );
  expect(row).toMatchObject({ release: 1, version: "1.0.0", desired: 2, running: 2, healthy: 1, rollout: ROLLOUT });
  expect(row?.image).toContain("@sha256:");
});

test("a failed rollout that a later one answered is not told of", async () => {
  const later = "web-2-0000abcd" as Rollout["id"];
  const row = await rowOf(
    service({ release: 2 }),
    release(1, "1.0.0"),
    rollout({ state: "failed" }),
    rollout({ id: later, state: "done", startedAt: "2026-11-24T00:01:00.000Z" as Rollout["startedAt"] }),
  );
  expect(row).toMatchObject({ rollout: null });
});

test("a rollout that has ended is not under way", async () => {
  expect(
    await rowOf(service({ release: 1, rollout: ROLLOUT }), release(1, "1.0.0"), rollout({ state: "done" })),
  ).toMatchObject({ rollout: null });
});

test("the version is the one that most replicas run, not the newest that was tried", async () => {
  const given = [
    machine(M1),
    machine(M2),
    service({ release: 2 }),
    release(1, "1.1.0"),
    release(2, "1.2.0"),
    rollout({ release: 2, state: "failed" }),
    replica(1),
    replica(2),
    replica(3),
    state(M1, replicaName(WEB, 1), { release: 2, health: "failing" }),
    state(M1, replicaName(WEB, 2), { release: 1, health: "passing" }),
    state(M2, replicaName(WEB, 3), { release: 1, health: "passing" }),
  ];
  expect(await rowOf(...given)).toMatchObject({ release: 1, version: "1.1.0", rollout: ROLLOUT });
  const { view } = await run(fakeContext(await clusterOf(...given)), "services");
  expect(view.blocks[0]).toMatchObject({ rows: [{ version: "1.1.0 (mixed)", rollout: "failed 1/2" }] });
  expect(view.json).toMatchObject([{ version: "1.1.0", rollout: ROLLOUT }]);
  const releases = await run(fakeContext(await clusterOf(...given)), "releases", "web");
  expect(releases.view.blocks[0]).toMatchObject({ rows: [{ release: "2" }, { release: "1 *" }] });
});
