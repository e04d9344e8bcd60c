import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { TestMachine } from "./testing-fixture.ts";

const HELLO = "[Service]\nExecStart=/bin/hello\n";
const hello = "hello.service" as UnitName;

/** Its service need not be there. */
const LONE = `${HELLO}[Install]\nWantedBy=hello.service\n`;
const SIDEKICK = `[Unit]\nBindsTo=hello.service\n${HELLO}[Install]\nWantedBy=hello.service\n`;

test("fleet #1621: a unit with [Install] is enabled after it was written and before anything starts, and needs no reload", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("a-sidekick.service", SIDEKICK);
  machine.schedule(hello, HELLO);
  await machine.settle();
  expect(machine.manager.calls).toEqual([
    "enable a-sidekick.service",
    "start a-sidekick.service",
    "start hello.service",
  ]);
});

test("a sidekick that comes to a service that runs costs the one reload by which the service learns of it", async () => {
  await using machine = await TestMachine.create();
  machine.schedule(hello, HELLO);
  await machine.settle();
  machine.schedule("sidekick.service", SIDEKICK);
  await machine.settle();
  expect(machine.manager.calls).toEqual([
    "start hello.service",
    "enable sidekick.service",
    "reload",
    "start sidekick.service",
  ]);
});

test("a unit that is wanted by a target, as most are, costs no reload", async () => {
  await using machine = await TestMachine.create();
  await mkdir(join(machine.dir, "links"));
  await writeFile(join(machine.dir, "links", "multi-user.target"), "[Unit]\n");
  await machine.manager.start("multi-user.target" as UnitName, AbortSignal.timeout(5000));
  machine.manager.calls.length = 0;
  machine.schedule(hello, `${HELLO}[Install]\nWantedBy=multi-user.target\n`);
  await machine.settle();
  expect(machine.manager.calls).toEqual(["enable hello.service", "start hello.service"]);
});

test("an [Install] that changed takes the old one back first; one that did not is left", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("sidekick.service", LONE);
  await machine.settle();
  machine.manager.calls.length = 0;
  machine.schedule("sidekick.service", `${LONE}# changed\n`, { generation: 2 });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["enable sidekick.service", "reload", "restart sidekick.service"]);
  machine.manager.calls.length = 0;
  machine.schedule("sidekick.service", LONE.replace("WantedBy=hello", "WantedBy=other"), { generation: 3 });
  await machine.settle();
  expect(machine.manager.calls).toEqual([
    "disable sidekick.service",
    "enable sidekick.service",
    "reload",
    "restart sidekick.service",
  ]);
});

test("a unit that leaves is disabled after it stopped; one that is only stopped stays enabled", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("sidekick.service", LONE);
  await machine.settle();
  machine.manager.calls.length = 0;
  machine.schedule("sidekick.service", LONE, { generation: 2, target: { kind: "loaded" } });
  await machine.settle();
  machine.schedule("sidekick.service", LONE, { generation: 3, target: { kind: "absent" } });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["stop sidekick.service", "stop sidekick.service", "disable sidekick.service"]);
  expect([...(await readdir(join(machine.dir, "links"))), ...(await readdir(join(machine.dir, "units")))]).toEqual([]);
});

test("an agent that died between writing a unit and enabling it enables it when it comes back", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("sidekick.service", LONE);
  machine.manager.refusesEnable = true;
  await machine.settle();
  expect(machine.stateOf("sidekick.service")).toMatchObject({
    active: "active",
    problem: { code: "SYSTEMD_REFUSED", message: "systemd did not enable sidekick.service: as the test asked" },
  });
  machine.killAgent();
  machine.manager.refusesEnable = false;
  machine.manager.calls.length = 0;
  await machine.settle();
  expect(machine.manager.calls).toEqual(["enable sidekick.service"]);
  expect(machine.stateOf("sidekick.service")).toMatchObject({ problem: null });
});

test("what systemd starts or stops by itself, through BindsTo= or PartOf=, is reported and not undone", async () => {
  await using machine = await TestMachine.create();
  machine.schedule("loaded.service", LONE, { target: { kind: "loaded" } });
  machine.schedule("launched.service", LONE);
  await machine.settle();
  await machine.manager.start("loaded.service" as UnitName, AbortSignal.timeout(5000));
  await machine.manager.stop("launched.service" as UnitName, AbortSignal.timeout(5000));
  machine.manager.calls.length = 0;
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect(machine.stateOf("loaded.service")).toMatchObject({ active: "active" });
  expect(machine.stateOf("launched.service")).toMatchObject({ active: "inactive" });
});
