import { afterAll, expect, test } from "vitest";
import { theLab } from "./lab-handle.ts";

afterAll(async () => {
  await theLab.fleet(["stop", "hello.service"]);
});

test("fleet ssh runs a command on a machine and ends with its exit code", async () => {
  expect((await theLab.fleetOk("ssh", "m2", "--", "hostname")).trim()).toBe("m2");
  expect((await theLab.fleet(["ssh", "m2", "exit 5"])).code).toBe(5);
});

test("fleet ssh UNIT lands on the machine that has it", async () => {
  await theLab.fleetOk("start", "hello.service");
  const [machine] = await theLab.activeOn("hello.service");
  expect((await theLab.fleetOk("ssh", "hello.service", "hostname")).trim()).toBe(machine);
});

test("fleet restart starts a unit anew where it is", async () => {
  await theLab.fleetOk("start", "hello.service");
  const [machine = ""] = await theLab.activeOn("hello.service");
  const invocation = async (): Promise<string> =>
    (await theLab.inside(machine, "systemctl", "show", "-P", "InvocationID", "hello.service")).stdout.trim();
  const before = await invocation();
  await theLab.fleetOk("restart", "hello.service");
  expect(await theLab.activeOn("hello.service")).toEqual([machine]);
  expect(await invocation()).not.toBe(before);
});
