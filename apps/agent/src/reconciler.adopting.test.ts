import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { readScheduleCache, writeScheduleCache } from "./schedule-cache.ts";
import { TestMachine } from "./testing-fixture.ts";

const HELLO = "[Service]\nExecStart=/bin/hello\n";
const hello = "hello.service" as UnitName;

test("fleet #1086, Nomad #9705: a killed agent's successor restarts nothing", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.killAgent();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
});

test("an agent that lost its records adopts what runs", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO, { environment: { IMAGE: "web:1" } });
  await machine.settle();
  machine.killAgent();
  await rm(join(machine.dir, "applied.json"));
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({ incarnation: "7", entryRevision: machine.revisionOf(hello) });
});

test("an agent killed in the middle of a start does not start again what systemd started", async () => {
  await using machine = await TestMachine.create();
  const job = Promise.withResolvers<void>();
  machine.manager.hold = job.promise;
  machine.schedule(hello, HELLO);
  await machine.pass();
  await expect.poll(() => machine.manager.calls).toEqual(["start hello.service"]);
  machine.killAgent();
  machine.manager.hold = null;
  job.resolve();
  await expect.poll(async () => (await machine.manager.properties(hello)).active).toBe("active");
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)?.entryRevision).toBe(machine.revisionOf(hello));
});

test("after a reboot everything launched is started again", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  machine.schedule("quiet.service", HELLO, { target: { kind: "loaded" } });
  await machine.settle();
  await machine.reboot();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", bootId: "boot 1+" });
});

test("fleet #1145: a machine that is rebooted while there is no etcd starts everything from its copy, and nothing again when etcd is back", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  machine.schedule("quiet.service", HELLO, { target: { kind: "loaded" } });
  await machine.settle();
  const path = join(machine.dir, "schedule.json");
  await writeScheduleCache(path, {
    entries: machine.entries ?? new Map(),
    texts: new Map([...machine.texts].map(([hash, text]) => [hash as Sha256, text])),
  });
  await machine.reboot();
  const copy = await readScheduleCache(path, (error) => expect(error).toBeUndefined());
  const fromEtcd = new Map(machine.entries);
  machine.entries = new Map(copy?.entries);
  await machine.settle();
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", bootId: "boot 1+" });
  expect(machine.stateOf("quiet.service")).toMatchObject({ active: "inactive" });
  machine.entries = fromEtcd;
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "start hello.service"]);
});
