import { keys, type Operation } from "@quarterdeck/etcd";
import { fakeEtcd } from "@quarterdeck/etcd/testing";
import type { Release, RequestId, Rollout, RolloutId, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { selectHistory } from "./select-history.ts";
import { entryFacts, M1, name, OPERATOR, serviceFacts, stateFacts, unitFacts, web } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const AT = "2026-11-24T00:00:00.000Z" as Timestamp;

const release = (number: number): Operation =>
  stored(keys.release(web, number), {
    v: 1,
    service: web,
    number,
    version: `1.0.${number}`,
    image: `registry.lab:5000/web@sha256:${"a".repeat(64)}`,
    hash: serviceFacts().hash,
    by: "anna",
    principal: OPERATOR,
    at: AT,
    why: "",
  } satisfies Release);

const rollout = (number: number, state: Rollout["state"], previous: number | null = null): Operation => {
  const id = `web-${number}-00000000` as RolloutId;
  return stored(keys.rollout(id), {
    v: 1,
    id,
    service: web,
    release: number,
    version: `1.0.${number}`,
    previous,
    deploy: serviceFacts().deploy,
    state,
    steps: [],
    reason: { code: "ROLLOUT_DONE", text: "" },
    request: "request-0001" as RequestId,
    by: "anna",
    startedAt: AT,
    endedAt: state === "running" ? null : AT,
  });
};

/** `count` deploys, of which those that `states` names ended so; the others are done. */
const deploys = (count: number, states: Readonly<Record<number, Rollout["state"]>> = {}): readonly Operation[] =>
  Array.from({ length: count }, (_, index) => index + 1).flatMap((number) => [
    release(number),
    rollout(number, states[number] ?? "done"),
  ]);

async function old(...operations: readonly Operation[]) {
  const { releases, rollouts } = selectHistory(await viewOf(...operations));
  return {
    releases: releases.map(({ value }) => value.number).toSorted((a, b) => a - b),
    rollouts: rollouts.map(({ value }) => value.release).toSorted((a, b) => a - b),
  };
}

test("the newest ten releases and ended rollouts of a service are kept", async () => {
  expect(await old(...deploys(10))).toEqual({ releases: [], rollouts: [] });
  expect(await old(...deploys(13))).toEqual({ releases: [1, 2, 3], rollouts: [1, 2, 3] });
});

test.each([
  ["its service", stored(keys.service(web), serviceFacts({ release: 2 }))],
  [
    "a unit",
    stored(keys.unit(name("web@1.service")), {
      ...unitFacts(),
      origin: { kind: "replica", service: web, index: 1, release: 2 },
    }),
  ],
  ["a schedule entry", stored(keys.schedule(M1, name("web@1.service")), entryFacts({ release: 2 }))],
  ["what a machine reports", stored(keys.state(M1, name("web@1.service")), stateFacts({ release: 2 }))],
  ["a rollout that goes back to it", rollout(14, "running", 2)],
])("a release that is named by %s is kept", async (_, naming) => {
  expect((await old(...deploys(13), naming)).releases).toEqual([1, 3]);
});

test("a running rollout is kept, however old, with its release", async () => {
  expect(await old(...deploys(13, { 1: "running" }))).toEqual({ releases: [2, 3], rollouts: [2, 3] });
});

test("the last two releases that became healthy are kept, however many have failed since", async () => {
  const failed = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index + 4, "failed" as const]));
  expect(await old(...deploys(15, failed))).toEqual({ releases: [1, 4, 5], rollouts: [1, 4, 5] });
});

test("while a value that may name a release cannot be read, nothing is old", async () => {
  const etcd = fakeEtcd();
  const { signal } = new AbortController();
  for (const operation of deploys(13)) await etcd.transact({ when: [], then: [operation] }, signal);
  etcd.writeText("units/web@1.service", '{"v":2}');
  const prefixes = ["units/", "schedule/", "agents/", "services/", "releases/", "rollouts/"];
  expect(selectHistory(await etcd.snapshot(prefixes, signal))).toEqual({ releases: [], rollouts: [] });
});
