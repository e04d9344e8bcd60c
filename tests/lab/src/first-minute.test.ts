import { expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";
import { typeInSlack } from "./slack.ts";

test("three machines run, etcd has three members and engine and bot are at work", async () => {
  const machines = await theLab.machines();
  expect(machines.map(({ name, state }) => [name, state])).toEqual([
    ["m1", "running"],
    ["m2", "running"],
    ["m3", "running"],
  ]);
  const status = await theLab.settled();
  expect(status.etcd).toMatchObject({ members: 3, healthy: 3, leader: expect.any(String) });
  expect(status.engine.leader?.hostname).toMatch(/^m[123]$/);
});

test("the bot is two units of the cluster, on two machines", async () => {
  const bots = (await theLab.units()).filter(({ unit }) => unit.startsWith("quarterdeck-bot@"));
  expect(bots.map(({ unit, active }) => [unit, active])).toEqual([
    ["quarterdeck-bot@1.service", "active"],
    ["quarterdeck-bot@2.service", "active"],
  ]);
  expect(new Set(bots.map(({ machine }) => machine)).size).toBe(2);
});

test("the first start submits hello.service and web@.service and starts neither", async () => {
  const files = JSON.parse(await theLab.fleetOk("list-unit-files", "-o", "json")) as {
    unit: string;
    desiredState: string;
  }[];
  expect(files.find(({ unit }) => unit === "web@.service")).toMatchObject({ desiredState: "inactive" });
  expect(files.some(({ unit }) => unit === "hello.service")).toBe(true);
});

test("etcdctl put on one machine is read on another", async () => {
  const endpointOf = async (name: string) => {
    const ip = (await theLab.machines()).find((machine) => machine.name === name)?.ip;
    return `ETCDCTL_ENDPOINTS=https://${ip}:2379`;
  };
  const etcdctl = async (name: string, ...words: readonly string[]) =>
    theLab.labOk("shell", name, "--", "env", await endpointOf(name), "etcdctl", ...words);
  expect(await etcdctl("m1", "put", "/greeting", "ahoy")).toBe("OK\n");
  expect(await etcdctl("m3", "get", "--print-value-only", "/greeting")).toBe("ahoy\n");
  expect(await theLab.fleetOk("etcd", "get", "/greeting")).toBe("ahoy\n");
});

test("/fleet status in Slack is acknowledged in under 300 ms and answered once, in private", async () => {
  const answer = await typeInSlack("/fleet status");
  expect(answer.ackMs).toBeLessThan(300);
  expect(answer.exitCode).toBe(0);
  expect(answer.responses).toHaveLength(1);
  expect(answer.text).toMatch(/3 of 3|3 machines|healthy/i);
});

test("/fleet start hello.service in Slack makes systemd start it on exactly one machine, and the terminal agrees", async () => {
  const answer = await typeInSlack("/fleet start hello.service");
  expect(answer.ackMs).toBeLessThan(300);
  expect(answer.exitCode, answer.text).toBe(0);
  const on = await theLab.activeOn("hello.service");
  expect(on).toHaveLength(1);
  const row = (await theLab.units()).find(({ unit }) => unit === "hello.service");
  expect(row).toMatchObject({ active: "active", sub: "running" });
  expect(await theLab.nameOf(row?.machine ?? null)).toBe(on[0]);

  const journal = await eventually(
    "a line in the journal",
    async () => {
      const text = await theLab.fleetOk("journal", "hello.service");
      return text.includes("hello from m") ? text : undefined;
    },
    { withinMs: 20_000 },
  );
  expect(journal).toContain(`hello from ${on[0]}`);

  expect((await typeInSlack("/fleet stop hello.service")).exitCode).toBe(0);
  expect(await theLab.activeOn("hello.service")).toEqual([]);
  await theLab.fleetOk("unload", "hello.service");
});

test("fleet inside a machine speaks to the same cluster", async () => {
  const listed = await theLab.inside("m2", "/opt/bin/fleet", "list-machines", "--no-legend");
  expect(listed.code, listed.stderr).toBe(0);
  expect(listed.stdout.trim().split("\n")).toHaveLength(3);
  expect(listed.stdout).toContain("role=worker");
});

test("the console of a machine tells what happened since it was booted", async () => {
  const told = await theLab.labOk("console", "m1");
  expect(told).toContain("Started quarterdeck-agent.service");
});
