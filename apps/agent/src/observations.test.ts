import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { Observations } from "./observations.ts";
import { NOT_THERE, type UnitChange, type UnitManager, type UnitNews, type UnitProperties } from "./ports.ts";

const unit = "web.service" as UnitName;
const units = new Set([unit]);
const { signal } = new AbortController();
const DOWN: UnitProperties = { ...NOT_THERE, load: "loaded", fragmentPath: "/run/systemd/system/web.service" };
const UP = { active: "active", sub: "running", invocationId: "7".repeat(32), stateChangedAtMs: 5 } as const;

/** A service manager that answers as the test says, and tells what the test has it tell. */
async function observe() {
  const asked: UnitName[] = [];
  const told: UnitChange[] = [];
  let answer: () => Promise<UnitProperties> = () => Promise.resolve(DOWN);
  let wake = Promise.withResolvers<void>();
  let changes = 0;
  const stop = new AbortController();
  const manager = {
    properties: (name: UnitName) => {
      asked.push(name);
      return answer();
    },
    async *changes() {
      while (!stop.signal.aborted) {
        yield* told.splice(0);
        await wake.promise;
      }
    },
  } as unknown as UnitManager;
  const observations = new Observations(manager, () => (changes += 1));
  const following = observations.follow(stop.signal);
  await new Promise(setImmediate);
  const tell = async (news: UnitNews, name: string = unit): Promise<void> => {
    told.push({ all: false, units: new Map([[name, news]]) });
    const { resolve } = wake;
    wake = Promise.withResolvers();
    resolve();
    await new Promise(setImmediate);
  };
  return {
    observations,
    asked,
    tell,
    changes: () => changes,
    answers: (next: () => Promise<UnitProperties>) => (answer = next),
    async [Symbol.asyncDispose]() {
      stop.abort();
      wake.resolve();
      await following;
    },
  };
}

test("a unit is asked once; what systemd tells of it afterwards is taken over without another question", async () => {
  await using it = await observe();
  expect((await it.observations.of(units, signal)).get(unit)).toEqual(DOWN);
  await it.tell(UP);
  await it.tell({ mainPid: 12, restarts: 1 });
  expect((await it.observations.of(units, signal)).get(unit)).toEqual({ ...DOWN, ...UP, mainPid: 12, restarts: 1 });
  expect(it.asked).toEqual([unit]);
  expect(it.changes()).toBe(2);
});

test("a change that does not say how the unit is now has it asked again", async () => {
  await using it = await observe();
  await it.observations.of(units, signal);
  await it.tell(null);
  it.answers(() => Promise.resolve({ ...DOWN, ...UP }));
  expect((await it.observations.of(units, signal)).get(unit)).toEqual({ ...DOWN, ...UP });
  expect(it.asked).toEqual([unit, unit]);
});

test("a unit that was not there is asked again once something is told of it: it may be somebody else's by now", async () => {
  await using it = await observe();
  it.answers(() => Promise.resolve(NOT_THERE));
  await it.observations.of(units, signal);
  await it.tell(UP);
  const theirs = { ...DOWN, ...UP, fragmentPath: "/lib/systemd/system/web.service" };
  it.answers(() => Promise.resolve(theirs));
  expect((await it.observations.of(units, signal)).get(unit)).toEqual(theirs);
});

test("an answer that a change overtook is not kept", async () => {
  await using it = await observe();
  const answer = Promise.withResolvers<UnitProperties>();
  it.answers(() => answer.promise);
  const asking = it.observations.of(units, signal);
  await it.tell(UP);
  answer.resolve(DOWN);
  await asking;
  it.answers(() => Promise.resolve({ ...DOWN, ...UP }));
  expect((await it.observations.of(units, signal)).get(unit)).toEqual({ ...DOWN, ...UP });
});

test("what is supposed of a unit is not asked, takes over what is told, and lasts until it is forgotten", async () => {
  await using it = await observe();
  it.answers(() => Promise.resolve(NOT_THERE));
  await it.observations.of(units, signal);
  it.observations.suppose(unit, DOWN);
  await it.tell(UP);
  expect((await it.observations.of(units, signal)).get(unit)).toEqual({ ...DOWN, ...UP });
  expect(it.asked).toEqual([unit]);
  it.observations.forget(unit);
  expect((await it.observations.of(units, signal)).get(unit)).toEqual(NOT_THERE);
});

test("of a unit that nobody asked for nothing is told on", async () => {
  await using it = await observe();
  await it.observations.of(units, signal);
  await it.tell(UP, "other.service");
  expect(it.changes()).toBe(0);
});
