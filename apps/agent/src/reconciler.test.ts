import { existsSync } from "node:fs";
import { readFile, readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Incarnation, MachineId, Sha256, Timestamp, UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { TestMachine } from "./testing-fixture.ts";

const HELLO = "[Service]\nExecStart=/bin/hello\n";
const hello = "hello.service" as UnitName;

test("a scheduled unit is written, linked, started and reported with the revision of its entry", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO, { release: 3, environment: { IMAGE: "web:1" } });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(await readFile(join(machine.dir, "units", hello), "utf8")).toBe(HELLO);
  expect(await readlink(join(machine.dir, "links", hello))).toBe(join(machine.dir, "units", hello));
  expect(await readFile(join(machine.dir, "links", "hello.service.d", "10-quarterdeck.conf"), "utf8")).toBe(
    '[Service]\nEnvironment="IMAGE=web:1"\n',
  );
  expect(machine.stateOf(hello)).toMatchObject({
    incarnation: "7",
    generation: 1,
    release: 3,
    active: "active",
    sub: "running",
    health: "none",
    entryRevision: machine.revisionOf(hello),
    problem: null,
  });
});

test("fleet #1163: further passes with nothing changed do nothing at all", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  const before = machine.stateOf(hello);
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toEqual(before);
});

test("fleet #1621: many new units are started without a single reload", async () => {
  await using machine = await TestMachine.create();
  for (let index = 1; index <= 20; index += 1) machine.schedule(`job@${index}.service`, HELLO);
  await machine.settle();
  expect(machine.manager.calls.filter((call) => call.startsWith("start"))).toHaveLength(20);
  expect(machine.manager.calls).not.toContain("reload");
});

test("changed units are written, systemd is reloaded once, then they are restarted", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("a.service", HELLO);
  machine.schedule("b.service", HELLO);
  await machine.settle();
  machine.manager.calls.length = 0;
  machine.schedule("a.service", `${HELLO}#2\n`, { generation: 2 });
  machine.schedule("b.service", HELLO, { generation: 2, environment: { IMAGE: "web:2" } });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["reload", "restart a.service", "restart b.service"]);
  expect(machine.stateOf("b.service")).toMatchObject({
    generation: 2,
    active: "active",
    entryRevision: machine.revisionOf("b.service"),
  });
});

test("an absent entry stops the unit, takes its files away and is acknowledged; its state goes with the entry", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO, { environment: { IMAGE: "web:1" } });
  await machine.settle();
  machine.schedule(hello, HELLO, { target: { kind: "absent" } });
  await machine.settle();
  expect(machine.manager.calls.at(-1)).toBe("stop hello.service");
  expect(machine.stateOf(hello)).toMatchObject({
    incarnation: "7",
    generation: 0,
    hash: null,
    active: "inactive",
    entryRevision: machine.revisionOf(hello),
  });
  expect(await readdir(join(machine.dir, "units"))).toEqual([]);
  expect(await readdir(join(machine.dir, "links"))).toEqual([]);
  machine.entries?.clear();
  await machine.settle();
  expect(machine.states.size).toBe(0);
});

test("fleet #440: a vanished schedule stops nothing: its units are orphans", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.entries?.clear();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({ incarnation: null, active: "active", entryRevision: null });
  machine.schedule(hello, HELLO);
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)?.incarnation).toBe("7");
});

test("an unknown schedule is not an empty one: nothing is reported", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.entries = null;
  await machine.settle();
  expect(machine.stateOf(hello)?.incarnation).toBe("7");
});

test("a unit that fails is reported, and started again only for a new generation", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, "[Service]\nType=oneshot\nExecStart=/bin/false\n");
  await machine.settle();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({
    active: "failed",
    result: "exit-code",
    entryRevision: machine.revisionOf(hello),
    problem: { code: "UNIT_FAILED" },
  });
  machine.schedule(hello, "[Service]\nType=oneshot\nExecStart=/bin/false\n", { generation: 2 });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "start hello.service"]);
});

test("a restart that a person asked for restarts what runs, once", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  const restartedAt = "2026-11-24T08:00:00.000Z" as Timestamp;
  machine.schedule(hello, HELLO, { generation: 2, restartedAt });
  await machine.settle();
  machine.schedule(hello, HELLO, { generation: 3, restartedAt });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "restart hello.service"]);
});

test("a process that dies later is reported as it is", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.manager.fail(hello);
  await expect
    .poll(async () => {
      await machine.settle();
      return machine.stateOf(hello)?.active;
    })
    .toBe("failed");
  expect(machine.manager.calls).toEqual(["start hello.service"]);
});

test("one unit without its file in etcd holds up nobody else", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("lost.service", "[Service]\n", { hash: "c".repeat(64) as Sha256 });
  machine.schedule(hello, HELLO);
  await machine.settle();
  expect(machine.stateOf(hello)?.active).toBe("active");
  expect(machine.stateOf("lost.service")).toMatchObject({
    incarnation: "7",
    active: "inactive",
    entryRevision: null,
    problem: { code: "NOT_FOUND" },
  });
});

test("fleet #1691: a text that is not what its hash says is not written", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  for (const hash of machine.texts.keys()) machine.texts.set(hash, "[Service]\nExecStart=/bin/evil\n");
  await machine.settle();
  expect(machine.stateOf(hello)?.problem?.code).toBe("ETCD_CORRUPT_VALUE");
  expect(machine.manager.calls).toEqual([]);
});

test("a unit of the operating system is neither replaced nor reported as ours", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.schedule("docker.service", HELLO);
  await writeFile(join(machine.dir, "links", "docker.service"), "[Service]\nExecStart=/usr/bin/dockerd\n");
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(await readFile(join(machine.dir, "links", "docker.service"), "utf8")).toContain("dockerd");
  expect(machine.stateOf("docker.service")).toMatchObject({
    load: "not-found",
    active: "inactive",
    problem: { code: "CONFLICT" },
  });
});

test("fleet #1621: fifty units that name each other are sent away and back, over and over: every file is there before anything starts", async () => {
  await using machine = await TestMachine.create();
  const ROUNDS = 5;
  const units = Array.from({ length: 50 }, (_, index) => `ring@${index}.service`);
  const textOf = (index: number): string => `[Unit]\nRequires=ring@${(index + 1) % 50}.service\n${HELLO}`;
  const early: string[] = [];
  const { manager } = machine;
  const start = manager.start.bind(manager);
  manager.start = (unit, signal) => {
    early.push(...units.filter((other) => !existsSync(join(machine.dir, "links", other))));
    return start(unit, signal);
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [index, unit] of units.entries()) machine.schedule(unit, textOf(index), { generation: round });
    await machine.settle();
    expect(units.filter((unit) => machine.stateOf(unit)?.active !== "active")).toEqual([]);
    for (const [index, unit] of units.entries())
      machine.schedule(unit, textOf(index), { generation: round, target: { kind: "absent" } });
    await machine.settle();
    machine.entries = new Map();
    await machine.settle();
  }
  expect(early).toEqual([]);
  expect(manager.calls.filter((call) => call.startsWith("start "))).toHaveLength(50 * ROUNDS);
});

test("a lost machine that comes back starts nothing that waits for its replacement", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  await machine.reboot();
  machine.schedule(hello, HELLO, {
    generation: 2,
    target: { kind: "absentAfter", replacement: "f".repeat(32) as MachineId },
  });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({ active: "inactive", entryRevision: machine.revisionOf(hello) });
  // Its replacement was given up: the entry is what it was before, generation and all.
  machine.schedule(hello, HELLO);
  await machine.settle();
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", entryRevision: machine.revisionOf(hello) });
});

test("fleet #440: a copy that waited for its replacement and is taken back runs on as it is", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  const before = machine.stateOf(hello);
  machine.schedule(hello, HELLO, { target: { kind: "absentAfter", replacement: "f".repeat(32) as MachineId } });
  await machine.settle();
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", entryRevision: machine.revisionOf(hello) });
  machine.schedule(hello, HELLO, { generation: 2 });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service"]);
  expect(machine.stateOf(hello)).toEqual({ ...before, generation: 2, entryRevision: machine.revisionOf(hello) });
});

test("an absent entry takes the place of a start that hangs", async () => {
  await using machine = await TestMachine.create();
  const job = Promise.withResolvers<void>();
  machine.manager.hold = job.promise;
  machine.schedule(hello, HELLO);
  await machine.pass();
  await expect.poll(() => machine.manager.calls).toEqual(["start hello.service"]);
  machine.manager.hold = null;
  machine.schedule(hello, HELLO, { target: { kind: "absent" } });
  await machine.pass();
  await expect.poll(() => machine.manager.calls).toEqual(["start hello.service", "stop hello.service"]);
  await expect.poll(() => machine.recordOf(hello)).toMatchObject({ target: "absent" });
  job.resolve();
  await machine.jobsOver();
  expect(await machine.recordOf(hello)).toMatchObject({ target: "absent", problem: null });
  await machine.settle();
  expect(machine.stateOf(hello)).toMatchObject({
    active: "inactive",
    entryRevision: machine.revisionOf(hello),
    problem: null,
  });
});

test("a destroyed and resubmitted unit of the same text is a new one", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.schedule(hello, HELLO, { incarnation: "9" as Incarnation });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "restart hello.service"]);
  expect(machine.stateOf(hello)?.incarnation).toBe("9");
});

test("health is asked while the unit is active and is unknown again after a restart", async () => {
  await using machine = await TestMachine.create();
  const text = `${HELLO}[X-Deploy]\nImage=web\nHealthCheck=http://localhost:8080/healthz\n`;
  machine.schedule("web@1.service", text);
  await machine.settle();
  await expect
    .poll(async () => {
      await machine.pass();
      return machine.stateOf("web@1.service")?.health;
    })
    .toBe("passing");
  machine.probeResult = { ok: false, definite: false, detail: "ECONNREFUSED" };
  machine.schedule("web@1.service", text, { release: 2, environment: { IMAGE: "web:2" } });
  await machine.settle();
  expect(machine.stateOf("web@1.service")?.health).toBe("unknown");
});

test("an order that systemd never got is given again, by the same agent or the next", async () => {
  await using machine = await TestMachine.create();
  machine.manager.losesNext = 2;
  machine.schedule(hello, HELLO);
  await machine.pass();
  await machine.jobsOver();
  await machine.pass();
  await machine.jobsOver();
  expect(machine.stateOf(hello)).toMatchObject({ active: "inactive", entryRevision: null });
  machine.killAgent();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start hello.service", "start hello.service", "start hello.service"]);
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", entryRevision: machine.revisionOf(hello) });
});

test("after a restore nothing is written, started, stopped or forgotten, and all is reported, until it is released", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  machine.schedule("gone.service", HELLO);
  await machine.settle();
  const [ran, record] = [machine.stateOf(hello), await machine.recordOf("gone.service")];
  machine.manager.calls.length = 0;
  machine.reportsOnly = true;
  machine.schedule(hello, HELLO, { generation: 9, target: { kind: "absent" } });
  machine.schedule("new.service", HELLO);
  machine.entries?.delete("gone.service" as UnitName);
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect((await readdir(join(machine.dir, "units"))).toSorted()).toEqual(["gone.service", hello]);
  expect(machine.stateOf(hello)).toMatchObject({ active: "active", entryRevision: ran?.entryRevision });
  expect(machine.stateOf("gone.service")).toMatchObject({ active: "active", incarnation: null });
  expect(machine.stateOf("new.service")).toMatchObject({ active: "inactive", entryRevision: null });
  expect(await machine.recordOf("gone.service")).toEqual(record);
  machine.manager.fail(hello);
  await machine.settle();
  expect(machine.stateOf(hello)).toMatchObject({ active: "failed" });
  machine.reportsOnly = false;
  await machine.settle();
  expect(machine.manager.calls.toSorted()).toEqual(["start new.service", "stop hello.service"]);
});

test(
  "a start that nothing else goes on beside is reported without a pause between the passes",
  { timeout: 5_000 },
  async () => {
    await using machine = await TestMachine.create();
    machine.schedule("hello.service", "[Service]\nExecStart=/bin/sleep 1000\n");
    const active = Promise.withResolvers<void>();
    machine.onReport = () => {
      if (machine.stateOf("hello.service")?.active === "active") active.resolve();
    };
    const over = new AbortController();
    // The clock stands still: whoever waits for it, waits for ever.
    const running = machine.run(over.signal);
    await active.promise;
    over.abort();
    await running;
  },
);
