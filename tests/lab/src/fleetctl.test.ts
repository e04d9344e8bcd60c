import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { eventually } from "./eventually.ts";
import { theLab } from "./lab-handle.ts";
import { callersHome } from "./npm-start.ts";
import { runProcess, type Ended } from "./run-process.ts";

/** The original fleetctl 1.0, which `npm test` builds from its Go module. */
const PROGRAM = join(callersHome(), "cache/fleetctl/fleetctl");
const MISSING =
  "needs fleetctl 1.0 in $QUARTERDECK_HOME/cache/fleetctl: npm test builds it where there is Go 1.25 or newer";
const there = existsSync(PROGRAM);
const title = there ? "the original fleetctl" : `the original fleetctl; ${MISSING}`;

const SOCKET = "unix:///run/quarterdeck/fleet.sock";
const UNIT = "old.service";
const TEXT = `[Unit]
Description=Started by fleetctl

[Service]
ExecStart=/bin/sh -c \\
  'echo generation one; exec sleep 1000'
`;

/** Inside m1, as the user who administers a CoreOS machine. */
const fleetctl = (...words: readonly string[]): Promise<Ended> =>
  theLab.insideWith(
    { timeoutMs: 40_000 },
    "m1",
    "runuser",
    "-u",
    "core",
    "--",
    "/opt/fleetctl",
    `--endpoint=${SOCKET}`,
    ...words,
  );

async function write(path: string, mode: string, content: Uint8Array): Promise<void> {
  const steps = [
    ["mkdir", "-p", dirname(path)],
    ["dd", `of=${path}`, "status=none"],
    ["chmod", mode, path],
  ];
  for (const argv of steps) {
    const ended = await theLab.insideWith({ input: content }, "m1", ...argv);
    if (ended.code !== 0) throw new Error(`${argv.join(" ")} in m1: ${ended.stderr}`);
  }
}

const writeUnit = (text: string): Promise<void> => write(`/opt/units/${UNIT}`, "0644", Buffer.from(text));

/** When systemd last started the unit, on whichever machine has it. */
async function startedAt(): Promise<string> {
  const [machine = "m1"] = await theLab.activeOn(UNIT);
  return (
    await theLab.inside(machine, "systemctl", "show", "-P", "ExecMainStartTimestampMonotonic", UNIT)
  ).stdout.trim();
}

describe.skipIf(!there)(title, () => {
  beforeAll(async () => {
    await write("/opt/fleetctl", "0755", await readFile(PROGRAM));
    await writeUnit(TEXT);
  });
  afterAll(async () => {
    await theLab.fleet(["destroy", UNIT, "--yes"]);
  });

  test("the socket is root's and of the group quarterdeck, and of nobody else", async () => {
    const { stdout } = await theLab.inside("m1", "stat", "-c", "%a %U %G", "/run/quarterdeck/fleet.sock");
    expect(stdout.trim()).toBe("660 root quarterdeck");
    const nobody = await theLab.inside(
      "m1",
      "runuser",
      "-u",
      "nobody",
      "--",
      "/opt/fleetctl",
      `--endpoint=${SOCKET}`,
      "list-machines",
    );
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain("permission denied");
  });

  test("lists the machines that fleet lists", async () => {
    const { code, stdout } = await fleetctl("list-machines", "--full", "--no-legend");
    expect(code).toBe(0);
    const ids = (await theLab.machines()).map(({ machine }) => machine).toSorted();
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toEqual([...ids, ""]);
    expect(stdout).toContain("role=worker");
  });

  test("submit, load, start, stop, unload and destroy do what they say on real systemd", async () => {
    expect(await fleetctl("submit", `/opt/units/${UNIT}`)).toMatchObject({
      code: 0,
      stdout: `Unit ${UNIT} inactive\n`,
    });
    expect((await fleetctl("cat", UNIT)).stdout).toBe(TEXT);
    expect(await fleetctl("load", UNIT)).toMatchObject({ code: 0 });
    expect(await theLab.activeOn(UNIT)).toEqual([]);
    const began = performance.now();
    const started = await fleetctl("start", UNIT);
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Unit old\.service launched on [0-9a-f]{8}\.\.\./),
    });
    process.stdout.write(`fleetctl start: ${(performance.now() - began).toFixed(0)} ms\n`);
    expect(await theLab.activeOn(UNIT)).toHaveLength(1);
    expect((await fleetctl("list-units", "--fields=unit,active,sub", "--no-legend")).stdout).toMatch(
      /^old\.service\t+active\t+running$/m,
    );
    expect(await fleetctl("stop", UNIT)).toMatchObject({ code: 0, stderr: `Successfully stopped units [${UNIT}].\n` });
    expect(await theLab.activeOn(UNIT)).toEqual([]);
    expect(await fleetctl("unload", UNIT)).toMatchObject({ code: 0 });
    expect((await theLab.units()).some(({ unit }) => unit === UNIT)).toBe(false);
    expect(await fleetctl("destroy", UNIT)).toMatchObject({ code: 0, stdout: `Destroyed ${UNIT}\n` });
    expect((await theLab.fleet(["cat", UNIT])).code).toBe(3);
  });

  test("restart really restarts, and --replace brings the new text", async () => {
    await fleetctl("start", `/opt/units/${UNIT}`);
    const before = await startedAt();
    expect(await fleetctl("restart", UNIT)).toMatchObject({ code: 0 });
    expect(await theLab.activeOn(UNIT)).toHaveLength(1);
    expect(await startedAt()).not.toBe(before);
    await writeUnit(TEXT.replace("one", "two"));
    expect(await fleetctl("start", "--replace", `/opt/units/${UNIT}`)).toMatchObject({ code: 0 });
    expect(await theLab.fleetOk("cat", UNIT)).toContain("generation two");
    await eventually(
      "the new text to run",
      async () => (await theLab.fleetOk("journal", UNIT)).includes("generation two"),
      {
        withinMs: 10_000,
      },
    );
  });

  test("what it did is in the audit log under the machine's own name", async () => {
    const m1 = (await theLab.machines()).find(({ name }) => name === "m1")?.machine ?? "";
    expect(await theLab.fleetOk("audit", "--by", `operator:api-${m1}`, "-o", "json")).toContain(UNIT);
  });

  describe("from another computer", () => {
    let agent: ChildProcess;
    let folder: string;
    const outside = async (...words: readonly string[]): Promise<Ended> => {
      const pid = (await theLab.machines()).find(({ name }) => name === "m1")?.pid;
      const endpoint = `--endpoint=unix:///proc/${pid}/root/run/quarterdeck/fleet.sock`;
      return runProcess([PROGRAM, endpoint, `--known-hosts-file=${join(folder, "known_hosts")}`, ...words], {
        env: { SSH_AUTH_SOCK: join(folder, "agent") },
      });
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "qd-ssh-"));
      agent = spawn("ssh-agent", ["-D", "-a", join(folder, "agent")], { stdio: "ignore" });
      const add = () =>
        runProcess(["ssh-add", "-q", join(inject("labHome"), "ssh/core")], {
          env: { SSH_AUTH_SOCK: join(folder, "agent") },
        });
      // Built with today's SSH library fleetctl cannot leave host keys unchecked, so it gets to know them.
      const addresses = (await theLab.machines()).map(({ ip }) => ip);
      const scanned = await runProcess(["ssh-keyscan", "-t", "ecdsa", ...addresses]);
      await writeFile(join(folder, "known_hosts"), scanned.stdout);
      await eventually("the SSH agent", async () => (await add()).code === 0, { withinMs: 10_000 });
    });
    afterAll(async () => {
      agent.kill("SIGTERM");
      await rm(folder, { recursive: true });
    });

    test("status, journal and ssh go over sshd, as they always did", async () => {
      expect(await outside("status", UNIT)).toEqual({
        code: 0,
        stderr: "",
        stdout: expect.stringContaining("Active: active"),
      });
      expect(await outside("journal", UNIT)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("generation two"),
      });
      const [machine] = await theLab.activeOn(UNIT);
      expect(await outside("ssh", UNIT, "hostname")).toMatchObject({ code: 0, stdout: `${machine}\n` });
    });
  });
});
