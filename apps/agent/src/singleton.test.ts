import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { FENCE_UNIT } from "./fence/fence-files.ts";
import { TestMachine } from "./testing-fixture.ts";

const only = "only.service" as UnitName;
const TEXT = "[Service]\nExecStart=/bin/only\n[X-Fleet]\nSingleton=true\n";

async function running(): Promise<TestMachine> {
  const machine = await TestMachine.create();
  machine.schedule(only, TEXT, { singleton: true });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start only.service"]);
  machine.manager.calls.length = 0;
  return machine;
}

test("a singleton is bound to the fence, and all steps of its stop together fit into what the fence leaves", async () => {
  await using machine = await TestMachine.create();
  const text = TEXT.replace("[X-Fleet]", "ExecStop=/bin/stop\nExecStopPost=/bin/post\n[X-Fleet]");
  machine.schedule(only, text, { singleton: true, environment: { IMAGE: "web:1" } });
  await machine.settle();
  expect(await readFile(join(machine.dir, "links", "only.service.d", "10-quarterdeck.conf"), "utf8")).toBe(
    "[Unit]\nBindsTo=quarterdeck-fence.service\nAfter=quarterdeck-fence.service\n\n" +
      '[Service]\nTimeoutStopSec=1s\nSendSIGKILL=yes\n[Service]\nEnvironment="IMAGE=web:1"\n',
  );
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start only.service"]);
});

test("a singleton does not start before etcd has confirmed its entry, and says so", async () => {
  await using machine = await TestMachine.create();
  machine.confirmed = false;
  machine.schedule(only, TEXT, { singleton: true });
  machine.schedule("other.service", "[Service]\nExecStart=/bin/other\n");
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start other.service"]);
  expect(machine.stateOf(only)?.problem).toMatchObject({
    code: "FENCED",
    message: expect.stringMatching(/has confirmed/),
  });
  machine.confirmed = true;
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start other.service", "start only.service"]);
  expect(machine.stateOf(only)).toMatchObject({ active: "active", problem: null });
});

test("what the fence has stopped starts again when etcd confirms that it belongs here, and says why it is down until then", async () => {
  await using machine = await running();
  machine.confirmed = false;
  machine.manager.end(FENCE_UNIT);
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect(machine.stateOf(only)).toMatchObject({
    active: "inactive",
    problem: { code: "FENCED", message: expect.stringMatching(/was stopped by its machine's fence/) },
  });
  machine.confirmed = true;
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start only.service"]);
  expect(machine.stateOf(only)).toMatchObject({ active: "active", problem: null });
});

test("what the fence had to kill is no failure of its own: it is down as fenced, and starts again", async () => {
  await using machine = await running();
  machine.confirmed = false;
  machine.manager.fail(only);
  machine.manager.end(FENCE_UNIT);
  await machine.settle();
  expect(machine.stateOf(only)).toMatchObject({ active: "failed", problem: { code: "FENCED" } });
  machine.confirmed = true;
  await machine.settle();
  expect(machine.stateOf(only)).toMatchObject({ active: "active", problem: null });
});

test("what has failed by itself while its fence stood is not started again because the fence comes and goes", async () => {
  await using machine = await running();
  machine.manager.fail(only);
  await machine.settle();
  machine.manager.end(FENCE_UNIT);
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect(machine.stateOf(only)).toMatchObject({ active: "failed", problem: null });
});

test("an agent's successor leaves a singleton running, and knows its fence", async () => {
  await using machine = await running();
  machine.killAgent();
  machine.confirmed = false;
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  machine.manager.end(FENCE_UNIT);
  await machine.settle();
  machine.confirmed = true;
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start only.service"]);
});

test("after a reboot without etcd a singleton stays down", async () => {
  await using machine = await running();
  machine.confirmed = false;
  await machine.reboot();
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect(machine.stateOf(only)).toMatchObject({ active: "inactive", problem: { code: "FENCED" } });
});

test("a changed singleton is restarted only where etcd confirms it", async () => {
  await using machine = await running();
  machine.confirmed = false;
  machine.schedule(only, TEXT.replace("/bin/only", "/bin/other"), { singleton: true, generation: 2 });
  await machine.settle();
  expect(machine.manager.calls.filter((call) => call !== "reload")).toEqual([]);
  machine.confirmed = true;
  await machine.settle();
  expect(machine.manager.calls.filter((call) => call !== "reload")).toEqual(["restart only.service"]);
});

test("a fence that does not rise is tried again, and the unit is not taken for failed", async () => {
  await using machine = await TestMachine.create();
  machine.manager.failing.add(FENCE_UNIT);
  machine.schedule(only, TEXT, { singleton: true });
  await machine.settle();
  expect(machine.stateOf(only)).toMatchObject({ active: "inactive", entryRevision: null });
  expect(await machine.recordOf(only)).toMatchObject({ entryRevision: null, acting: null, problem: null });
  machine.manager.failing.clear();
  await machine.settle();
  expect(machine.stateOf(only)).toMatchObject({ active: "active", problem: null });
});

test("an old copy of a singleton does not wait for the new one", async () => {
  await using machine = await running();
  const target = { kind: "absentAfter", replacement: "b".repeat(32) } as never;
  machine.schedule(only, TEXT, { singleton: true, target });
  await machine.settle();
  expect(machine.manager.calls).toContain("stop only.service");
  expect(machine.stateOf(only)).toMatchObject({ active: "inactive", entryRevision: machine.revisionOf(only) });
});

test("the fence is brought down with the last singleton, and not before", async () => {
  await using machine = await running();
  machine.entries = new Map();
  await machine.settle();
  // No entry names it, so it runs on as an orphan.
  expect(machine.manager.calls).toEqual([]);
  machine.schedule(only, TEXT, { singleton: true, target: { kind: "absent" } });
  await machine.settle();
  machine.entries = new Map();
  await machine.settle();
  expect(machine.manager.calls).toEqual(["stop only.service", "stop quarterdeck-fence.service"]);
});
