import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TestMachine } from "./testing-fixture.ts";

const TEXT = "[Service]\nExecStart=/bin/bot\n[X-Fleet]\nIdentity=bot\n";
const FILES = ["bot.pem", "bot-key.pem", "ca.pem"];
const dropIn = (machine: TestMachine, unit: string) =>
  readFile(join(machine.dir, "links", `${unit}.d`, "10-quarterdeck.conf"), "utf8");

async function withPair(): Promise<TestMachine> {
  const machine = await TestMachine.create();
  await mkdir(join(machine.dir, "pki"));
  for (const file of FILES) await writeFile(join(machine.dir, "pki", file), file);
  return machine;
}

test("systemd is told to hand the certificate to the unit that asks for it, and to no other", async () => {
  await using machine = await withPair();
  const pki = join(machine.dir, "pki");
  machine.schedule("bot.service", TEXT, { identity: "bot", environment: { IMAGE: "bot:1" } });
  machine.schedule("other.service", "[Service]\nExecStart=/bin/other\n", { environment: { IMAGE: "web:1" } });
  await machine.settle();
  expect(await dropIn(machine, "bot.service")).toBe(
    `[Service]\nLoadCredential=identity.pem:${pki}/bot.pem\nLoadCredential=identity-key.pem:${pki}/bot-key.pem\n` +
      `LoadCredential=ca.pem:${pki}/ca.pem\n\n[Service]\nEnvironment="IMAGE=bot:1"\n`,
  );
  expect(await dropIn(machine, "other.service")).not.toContain("LoadCredential");
  expect(machine.manager.calls.toSorted()).toEqual(["start bot.service", "start other.service"]);
});

test.each(FILES)(
  "without %s the unit is not started, says which file is missing, and starts when it is there",
  async (file) => {
    await using machine = await withPair();
    const path = join(machine.dir, "pki", file);
    await rm(path);
    machine.schedule("bot.service", TEXT, { identity: "bot" });
    await machine.settle();
    expect(machine.manager.calls).toEqual([]);
    expect(machine.stateOf("bot.service")).toMatchObject({
      active: "inactive",
      problem: { code: "INVALID_CERTIFICATE", message: expect.stringContaining(path) },
    });
    await writeFile(path, file);
    await machine.settle();
    expect(machine.manager.calls).toEqual(["start bot.service"]);
    expect(machine.stateOf("bot.service")).toMatchObject({ active: "active", problem: null });
  },
);

test("a certificate that goes away stops nothing that runs", async () => {
  await using machine = await withPair();
  machine.schedule("bot.service", TEXT, { identity: "bot" });
  await machine.settle();
  await rm(join(machine.dir, "pki"), { recursive: true });
  await machine.settle();
  expect(machine.manager.calls).toEqual(["start bot.service"]);
  expect(machine.stateOf("bot.service")).toMatchObject({ active: "active", problem: null });
});

test("on plain processes it is refused", async () => {
  await using machine = await withPair();
  machine.pki = null;
  machine.schedule("bot.service", TEXT, { identity: "bot" });
  await machine.settle();
  expect(machine.manager.calls).toEqual([]);
  expect(machine.stateOf("bot.service")?.problem).toMatchObject({
    code: "SYSTEMD_REFUSED",
    message: expect.stringMatching(/plain processes are handed no certificates/),
  });
});
