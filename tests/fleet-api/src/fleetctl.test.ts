import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FLEETCTL_MISSING, findFleetctl } from "./find-fleetctl.ts";
import { MACHINES, openFleetWorld, type FleetWorld } from "./fleet-world.ts";

const program = findFleetctl();
let world: FleetWorld;
let folder: string;

const HELLO = `[Unit]
Description=Says hello
# Comments stay here.

[Service]
ExecStart=/bin/sh -c \\
  'sleep 1000'
`;
const GLOBAL = `${HELLO}\n[X-Fleet]\nGlobal=true\n`;
/** As fleetctl writes it. */
const WRITTEN = "[Unit]\nDescription=Says hello\n\n[Service]\nExecStart=/bin/sh -c \\\n  'sleep 1000'\n";
const HASH = createHash("sha1").update(WRITTEN).digest("hex").slice(0, 7);

const title = program === null ? `the original fleetctl; ${FLEETCTL_MISSING}` : "the original fleetctl";

describe.skipIf(program === null)(title, () => {
  beforeEach(async () => {
    world = await openFleetWorld();
    folder = await mkdtemp(join(tmpdir(), "qd-fleetctl-"));
    await writeFile(join(folder, "hello.service"), HELLO);
    await writeFile(join(folder, "all.service"), GLOBAL);
    await writeFile(join(folder, "worker@.service"), `${HELLO}\n[X-Fleet]\nMachineID=${MACHINES[0]}\n`);
  });
  afterEach(async () => {
    await world[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test("lists the machines, by id", async () => {
    expect(await fleetctl("list-machines")).toEqual({
      code: 0,
      stdout: [
        "MACHINE\t\tIP\t\tMETADATA\n",
        ...MACHINES.toSorted().map((id) => `${id.slice(0, 8)}...\t10.0.0.${id.slice(0, 1)}\trole=worker\n`),
      ].join(""),
      stderr: "",
    });
  });

  test("submit makes a unit known, and says nothing but that", async () => {
    expect(await fleetctl("submit", "hello.service")).toMatchObject({
      code: 0,
      stdout: "Unit hello.service inactive\n",
    });
    expect((await fleetctl("list-unit-files")).stdout).toBe(
      `UNIT\t\tHASH\tDSTATE\t\tSTATE\t\tTARGET\nhello.service\t${HASH}\tinactive\tinactive\t-\n`,
    );
    expect(await fleetctl("submit", "hello.service")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("cat prints the unit as it was submitted, without comments", async () => {
    await fleetctl("submit", "hello.service");
    expect((await fleetctl("cat", "hello.service")).stdout).toBe(WRITTEN);
  });

  test("load, start, stop, unload and destroy each wait until it is so", async () => {
    expect((await fleetctl("load", "hello.service")).stdout).toMatch(
      /^Unit hello\.service inactive\nUnit hello\.service loaded on [abc]{8}\.\.\.\/10\.0\.0\.[abc]\n$/,
    );
    expect(await row("list-units")).toEqual(["hello.service", "inactive", "dead"]);
    expect((await fleetctl("start", "hello.service")).stdout).toMatch(
      /^Unit hello\.service launched on [abc]{8}\.\.\./,
    );
    expect(await row("list-units")).toEqual(["hello.service", "active", "running"]);
    expect(await fleetctl("stop", "hello.service")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Unit hello\.service loaded on /),
      stderr: "Successfully stopped units [hello.service].\n",
    });
    expect(await row("list-units")).toEqual(["hello.service", "inactive", "dead"]);
    expect(await fleetctl("unload", "hello.service")).toMatchObject({
      code: 0,
      stdout: "Unit hello.service inactive\n",
      stderr: "Successfully unloaded units [hello.service].\n",
    });
    expect((await fleetctl("list-units")).stdout).toBe("UNIT\tMACHINE\tACTIVE\tSUB\n");
    expect(await fleetctl("destroy", "hello.service")).toMatchObject({ code: 0, stdout: "Destroyed hello.service\n" });
    expect((await fleetctl("list-unit-files")).stdout).toBe("UNIT\tHASH\tDSTATE\tSTATE\tTARGET\n");
  });

  test("both lists show the same hash, which is fleet's own", async () => {
    await fleetctl("start", "hello.service");
    const fields = ["--fields=unit,hash", "--no-legend"];
    expect((await fleetctl("list-units", ...fields)).stdout).toBe(`hello.service\t${HASH}\n`);
    expect((await fleetctl("list-unit-files", ...fields)).stdout).toBe(`hello.service\t${HASH}\n`);
  });

  test("restart stops the unit and starts it again, and ends", async () => {
    await fleetctl("start", "hello.service");
    const before = world.history().length;
    const restarted = await fleetctl("restart", "hello.service");
    expect(restarted).toMatchObject({ code: 0, stderr: expect.stringContaining("Unit(hello.service) was restarted.") });
    expect(world.history().slice(before)).toEqual(["stop hello.service", "start hello.service"]);
    expect(await row("list-units")).toEqual(["hello.service", "active", "running"]);
  });

  test("several units are restarted one after another", async () => {
    await fleetctl("start", "worker@1.service", "worker@2.service");
    const before = world.history().length;
    expect((await fleetctl("restart", "worker@1.service", "worker@2.service")).code).toBe(0);
    expect(world.history().slice(before)).toEqual(
      ["stop worker@1", "start worker@1", "stop worker@2", "start worker@2"].map((step) => `${step}.service`),
    );
  });

  test("an instance is made of its template, that of the cluster or a file", async () => {
    expect((await fleetctl("start", "worker@1.service")).code).toBe(0);
    await fleetctl("submit", "worker@.service");
    await rm(join(folder, "worker@.service"));
    expect((await fleetctl("start", "worker@2.service")).code).toBe(0);
    expect((await fleetctl("list-unit-files", "--fields=unit,dstate", "--no-legend")).stdout).toBe(
      "worker@.service\t\tinactive\nworker@1.service\tlaunched\nworker@2.service\tlaunched\n",
    );
  });

  test("a global unit is started without waiting and has a row a machine", async () => {
    expect(await fleetctl("start", "all.service")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Triggered global unit all.service start\n"),
    });
    await world.until("/fleet/v1/state", (reply) => reply.text.split("active").length > 3);
    const machines = MACHINES.toSorted().map((id) => `all.service\t${id.slice(0, 8)}.../10.0.0.${id.slice(0, 1)}\n`);
    expect((await fleetctl("list-units", "--fields=unit,machine", "--no-legend")).stdout).toBe(machines.join(""));
    expect((await fleetctl("list-unit-files", "--fields=unit,state,target", "--no-legend")).stdout).toBe(
      "all.service\t-\tglobal\n",
    );
    expect((await fleetctl("stop", "all.service")).stdout).toBe("Triggered global unit all.service stop\n");
    expect((await fleetctl("unload", "all.service")).stdout).toBe("Triggered global unit all.service unload\n");
  });

  test("text that differs is only warned of, and taken with --replace, as far as the verb goes", async () => {
    await fleetctl("start", "hello.service");
    await writeFile(join(folder, "hello.service"), HELLO.replace("1000", "2000"));
    expect((await fleetctl("start", "hello.service")).stderr).toContain("Add --replace to override");
    expect((await fleetctl("cat", "hello.service")).stdout).toContain("1000");
    expect((await fleetctl("submit", "--replace", "hello.service")).stderr).toContain(
      "can not replace Unit(hello.service)",
    );
    const replaced = await fleetctl("start", "--replace", "hello.service");
    expect(replaced).toMatchObject({ code: 0, stderr: "" });
    expect(replaced.stdout).toMatch(/^Unit hello\.service inactive\nUnit hello\.service launched on /);
    expect((await fleetctl("cat", "hello.service")).stdout).toContain("2000");
    expect((await fleetctl("start", "--replace", "hello.service")).stdout).toContain("Found same Unit(hello.service)");
  });

  test("what policy forbids ends with 1 and the reason", async () => {
    await fleetctl("submit", "hello.service");
    await world.allowOnly("submit");
    const refused = await fleetctl("start", "hello.service");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/googleapi: Error 403: FORBIDDEN: /);
  });

  test("a unit that does not exist is told as fleet told it", async () => {
    expect(await fleetctl("cat", "hello.service")).toMatchObject({ code: 1, stderr: "Unit hello.service not found\n" });
    expect(await fleetctl("stop", "hello.service")).toMatchObject({ code: 0, stderr: "Units not found in registry\n" });
    expect((await fleetctl("start", "missing.service")).stderr).toContain("unable to find Unit(missing.service)");
  });

  test("more units than a page has are listed all", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `worker@${String(index).padStart(3, "0")}.service`);
    for (const name of names)
      await world.ask("PUT", `/fleet/v1/units/${name}`, {
        body: { options: [{ section: "Service", name: "ExecStart", value: "/bin/true" }] },
      });
    const listed = (await fleetctl("list-unit-files", "--fields=unit", "--no-legend")).stdout.trim().split("\n");
    expect(listed).toEqual(names);
  });
});

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function fleetctl(...words: readonly string[]): Promise<Ended> {
  if (program === null) throw new Error(FLEETCTL_MISSING);
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(
    program,
    [`--endpoint=unix://${world.socket}`, ...words],
    { cwd: folder, timeout: 15_000, env: {} },
    (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 124), stdout, stderr }),
  );
  return promise;
}

/** The only row of a list, without its machine. */
async function row(list: string): Promise<readonly string[]> {
  const { stdout } = await fleetctl(list, "--fields=unit,active,sub", "--no-legend");
  return stdout.trim().split(/\s+/);
}
