import { keys, put } from "@quarterdeck/etcd";
import type { Brake } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { codeOf, fakeContext, run, textOf } from "../testing/fake-context.ts";
import { fakeEngine } from "../testing/fake-engine.ts";
import { AT, because, clusterOf, M1, M2, machine } from "../testing/seed-cluster.ts";

const { signal } = new AbortController();
const ON: Brake = { v: 1, on: { since: AT, reason: because("BRAKED", "2 of 3 machines are silent") }, release: null };
const RELEASED: Brake = { v: 1, on: null, release: { at: AT, by: "@oncall", why: "fire", machines: [M2] } };
const cluster = (brake: Brake) => clusterOf(machine(M1), machine(M2, { lost: true }), put(keys.brake(), brake));

test("brake says that it is off when nothing is written of it", async () => {
  const { view } = await run(fakeContext(await clusterOf(machine(M1))), "brake");
  expect(view.json).toEqual({ state: "off", since: null, reason: null, by: null, machines: [] });
});

test("brake status says why it is on, which machines are gone, and what to type", async () => {
  const { view } = await run(fakeContext(await cluster(ON)), "brake", "status");
  expect(view.json).toEqual({
    state: "on",
    since: AT,
    reason: "2 of 3 machines are silent",
    by: null,
    machines: [{ machine: M2, hostname: "m2" }],
  });
  expect(textOf(view)).toContain("fleet brake release --reason");
});

test("a brake that was released says by whom, why, and for which machines", async () => {
  const { view } = await run(fakeContext(await cluster(RELEASED)), "brake");
  expect(view.json).toMatchObject({ state: "released", reason: "fire", by: "@oncall", machines: [{ hostname: "m2" }] });
});

test("the status of the cluster has the brake as a problem, with what to type", async () => {
  const { view } = await run(fakeContext(await cluster(ON)), "status");
  expect(view.json).toMatchObject({
    problems: expect.arrayContaining([
      { code: "BRAKED", message: "2 of 3 machines are silent; try fleet brake release --reason …" },
    ]),
  });
  expect(JSON.stringify((await run(fakeContext(await cluster(RELEASED)), "status")).view)).not.toContain("BRAKED");
});

test("brake release sends the reason", async () => {
  const etcd = await cluster(ON);
  const asked = fakeEngine(
    etcd,
    async () => ({ changed: ["brake"], reason: because("REQUESTED", "released") }),
    signal,
  );
  const { view } = await run(fakeContext(etcd), "brake", "release", "--reason", "fire in rack a");
  expect(asked).toMatchObject([{ action: { verb: "brake" }, why: "fire in rack a" }]);
  expect(view).toMatchObject({ exitCode: 0, json: { state: "done", changed: ["brake"] } });
});

test.each([[["brake", "release"]], [["brake", "release", "--reason", " "]], [["brake", "on"]], [["brake", "a", "b"]]])(
  "%j is refused before anything is asked",
  async (words) => {
    const etcd = await cluster(ON);
    const { view } = await run(fakeContext(etcd), ...words);
    expect([view.exitCode, codeOf(view)]).toEqual([2, "USAGE"]);
    expect(Object.keys(etcd.dump()).filter((key) => key.startsWith("requests/"))).toEqual([]);
  },
);
