import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { JournalLine } from "../http/decode-journal.ts";
import type { JournalQuery } from "../http/journal-query.ts";
import { UnitFiles, hashOf } from "../unit-files.ts";
import { describeUnitManagerContract } from "../unit-manager.suite.ts";
import { startTicksOf } from "./process-table.ts";
import { ProcessUnitManager } from "./process-unit-manager.ts";

const signal = AbortSignal.timeout(30_000);
const unit = "try@7.service" as UnitName;

const ALL: Omit<JournalQuery, "unit"> = { lines: 100, follow: false, sinceSeconds: null, grep: null, format: null };

/** A folder that is a machine, and a manager for it; what still runs at the end is stopped. */
class Machine implements AsyncDisposable {
  readonly dir: string;
  readonly files: UnitFiles;
  manager: ProcessUnitManager;

  static async make(): Promise<Machine> {
    const dir = await mkdtemp(join(tmpdir(), "quarterdeck-process-"));
    return new Machine(dir, await open(dir));
  }

  private constructor(dir: string, manager: ProcessUnitManager) {
    this.dir = dir;
    this.manager = manager;
    this.files = new UnitFiles({ units: join(dir, "units"), links: join(dir, "links") });
  }

  write(text: string, dropIn: string | null = null): void {
    this.files.write(unit, { text, hash: hashOf(text), dropIn });
  }

  /** As when the agent is restarted. */
  async restartAgent(): Promise<void> {
    await this.manager[Symbol.asyncDispose]();
    this.manager = await open(this.dir);
  }

  async said(): Promise<readonly string[]> {
    const lines: string[] = [];
    const query = { ...ALL, unit, format: "cat" } as const;
    for await (const message of this.manager.journal.read(query, signal)) lines.push(message);
    return lines;
  }

  async active(): Promise<string> {
    return (await this.manager.properties(unit)).active;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.stop(unit, signal);
    await this.manager[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function open(dir: string): Promise<ProcessUnitManager> {
  return ProcessUnitManager.open({
    place: { root: dir, hostname: "m7", machineId: "a".repeat(32), bootId: "boot", environment: { MARK: "mine" } },
    links: join(dir, "links"),
    records: join(dir, "records"),
    journal: join(dir, "journal"),
  });
}

describeUnitManagerContract("plain processes", async () => {
  const machine = await Machine.make();
  const { manager, files } = machine;
  return { manager, files, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
});

test("words, quotes, specifiers and variables reach the program as they are under systemd, and no shell reads them", async () => {
  await using machine = await Machine.make();
  machine.write(
    [
      "[Service]",
      "Type=oneshot",
      'Environment="TWO=one two" THREE=3 "SEMI=; echo never"',
      "ExecStart=/usr/bin/printf '[%%s]' 'a b' $TWO ${TWO} \"x${THREE}y\" %i %p %H $$HOME ${SEMI} ${NOT_SET} $NOT_SET",
      "ExecStart=-/bin/false",
      "ExecStart=/usr/bin/printf '\\n%%s\\n' second",
    ].join("\n"),
  );
  expect(await machine.manager.start(unit, signal)).toBe("done");
  expect(await machine.said()).toContain("[a b][one][two][one two][x3y][7][try][m7][$HOME][; echo never][]");
  expect(await machine.said()).toContain("second");
});

test("a unit cannot leave its machine by setting what marks it", async () => {
  await using machine = await Machine.make();
  machine.write(
    "[Service]\nType=oneshot\nEnvironment=MARK=other INVOCATION_ID=x\nExecStart=/bin/echo ${MARK} ${INVOCATION_ID}\n",
  );
  await machine.manager.start(unit, signal);
  expect(await machine.said()).toContainEqual(expect.stringMatching(/^mine [0-9a-f]{32}$/));
});

test("the drop-in's variables win over the file's", async () => {
  await using machine = await Machine.make();
  machine.write(
    "[Service]\nType=oneshot\nEnvironment=IMAGE=old\nExecStart=/bin/echo ${IMAGE} ${MARK}\n",
    '[Service]\nEnvironment="IMAGE=new"\n',
  );
  await machine.manager.start(unit, signal);
  expect(await machine.said()).toContain("new mine");
});

test.each([
  ["Type=notify", "Type=simple, Type=exec or Type=oneshot"],
  ["Type=forking", "Type=simple, Type=exec or Type=oneshot"],
  ["User=nobody", "leave it out"],
  ["ExecStartPost=/bin/true", "leave it out"],
  ["Restart=on-abort", "Restart=no, on-failure or always"],
  ["ExecStart=/bin/true ; /bin/true", "a line of its own"],
  ["ExecStart=!/bin/true", "the prefix - or none"],
])("%s is refused with what works instead", async (line, rule) => {
  await using machine = await Machine.make();
  machine.write(`[Service]\n${line.startsWith("ExecStart=") ? "" : "ExecStart=/bin/true\n"}${line}\n`);
  const refusal = await machine.manager.start(unit, signal).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "SYSTEMD_REFUSED", problem: { try: expect.stringContaining(rule) } });
  expect(await machine.active()).toBe("inactive");
});

test("a unit that needs another one, or a program that is not here, is refused by name", async () => {
  await using machine = await Machine.make();
  machine.write("[Unit]\nRequires=docker.service\n[Service]\nExecStart=/bin/true\n");
  await expect(machine.manager.start(unit, signal)).rejects.toThrow("Requires=docker.service needs systemd");
  machine.write("[Service]\nExecStart=/nowhere/docker run\n");
  await expect(machine.manager.start(unit, signal)).rejects.toThrow("there is no program /nowhere/docker");
});

test("stopping ends every process of the unit, also one that left its group and one that ignores SIGTERM", async () => {
  await using machine = await Machine.make();
  machine.write(
    "[Service]\nTimeoutStopSec=200ms\nExecStart=/bin/sh -c 'trap \"\" TERM; setsid sleep 1000 & echo escaped $$!; echo me $$$$; wait'\n",
  );
  await machine.manager.start(unit, signal);
  await expect.poll(() => machine.said()).toContainEqual(expect.stringMatching(/^me \d+$/));
  const pids = (await machine.said()).flatMap((line) => /^(?:me|escaped) (\d+)$/.exec(line)?.[1] ?? []).map(Number);
  expect(pids).toHaveLength(2);
  expect(await machine.manager.stop(unit, signal)).toBe("done");
  for (const pid of pids) expect(await startTicksOf(pid)).toBeNull();
});

test("a new agent finds what the former one started, and learns of its end", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStart=/bin/sleep 1000\n");
  await machine.manager.start(unit, signal);
  const before = await machine.manager.properties(unit);
  await machine.restartAgent();
  expect(await machine.manager.properties(unit)).toEqual(before);
  process.kill(before.mainPid, "SIGKILL");
  await expect.poll(() => machine.active()).toBe("failed");
});

test("what died while no agent was there is restarted as its file says", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStart=/bin/sleep 1000\nRestart=on-failure\nRestartSec=10ms\n");
  await machine.manager.start(unit, signal);
  const { mainPid } = await machine.manager.properties(unit);
  await machine.manager[Symbol.asyncDispose]();
  process.kill(mainPid, "SIGKILL");
  await expect.poll(() => startTicksOf(mainPid)).toBeNull();
  await machine.restartAgent();
  await expect.poll(() => machine.manager.properties(unit)).toMatchObject({ active: "active", restarts: 1 });
  expect((await machine.manager.properties(unit)).mainPid).not.toBe(mainPid);
});

test("always restarts after a good end, until the start limit is hit", async () => {
  await using machine = await Machine.make();
  machine.write("[Unit]\nStartLimitBurst=3\n[Service]\nExecStart=/bin/true\nRestart=always\nRestartSec=1ms\n");
  await machine.manager.start(unit, signal);
  await expect
    .poll(() => machine.manager.properties(unit), { timeout: 5000 })
    .toMatchObject({ active: "failed", result: "start-limit-hit", restarts: 2 });
});

test("no restart after a good end with on-failure, and a code of SuccessExitStatus is a good end", async () => {
  await using machine = await Machine.make();
  machine.write(
    "[Service]\nExecStart=/bin/sh -c 'exit 143'\nRestart=on-failure\nRestartSec=1ms\nSuccessExitStatus=143\n",
  );
  await machine.manager.start(unit, signal);
  await expect.poll(() => machine.active()).toBe("inactive");
  expect(await machine.manager.properties(unit)).toMatchObject({ restarts: 0, result: "success" });
});

test("a failing ExecStartPre fails the start, one with - does not", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStartPre=-/nowhere/x\nExecStartPre=/bin/false\nExecStart=/bin/sleep 1000\n");
  expect(await machine.manager.start(unit, signal)).toBe("failed");
  expect(await machine.active()).toBe("failed");
});

test("a stop takes the place of a start that is under way", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStartPre=/bin/sleep 1000\nExecStart=/bin/sleep 1000\n");
  const start = machine.manager.start(unit, signal);
  await expect.poll(() => machine.active()).toBe("activating");
  expect(await machine.manager.stop(unit, signal)).toBe("done");
  expect(await start).toBe("canceled");
  expect(await machine.active()).toBe("inactive");
});

test("a command before the start that takes too long fails it with timeout", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nTimeoutStartSec=50ms\nExecStartPre=/bin/sleep 1000\nExecStart=/bin/sleep 1000\n");
  expect(await machine.manager.start(unit, signal)).toBe("failed");
  expect(await machine.manager.properties(unit)).toMatchObject({ active: "failed", result: "timeout" });
});

test("our own program may be Type=notify, and is started as exec", async () => {
  await using machine = await Machine.make();
  await mkdir(join(machine.dir, "opt/bin"), { recursive: true });
  await symlink("/bin/sleep", join(machine.dir, "opt/bin/quarterdeck"));
  machine.write("[Service]\nType=notify\nWatchdogSec=30s\nMemoryMax=9M\nExecStart=/opt/bin/quarterdeck 1000\n");
  expect(await machine.manager.start(unit, signal)).toBe("done");
  expect(await machine.said()).toContain("Type=notify is taken for exec: plain processes have nobody to notify");
});

test("ExecStop knows the main process", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStart=/bin/sleep 1000\nExecStop=/bin/echo stopping ${MAINPID}\n");
  await machine.manager.start(unit, signal);
  const { mainPid } = await machine.manager.properties(unit);
  await machine.manager.stop(unit, signal);
  expect(await machine.said()).toContain(`stopping ${mainPid}`);
});

test("who follows the journal sees the lines to come, each once", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nExecStart=/bin/sh -c 'echo one; sleep 0.4; echo \"<3>two\"; sleep 1000'\n");
  await machine.manager.start(unit, signal);
  const seen: string[] = [];
  const query = { ...ALL, unit, follow: true } as const;
  for await (const text of machine.manager.journal.read(query, signal)) {
    const line = JSON.parse(text) as JournalLine;
    if (line.identifier === "sh") seen.push(`${line.priority} ${line.message}`);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(["6 one", "3 two"]);
});

test("of the journal only what matches and is new enough is read, and the newest of that", async () => {
  await using machine = await Machine.make();
  machine.write("[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo One; echo two; echo ONE more'\n");
  await machine.manager.start(unit, signal);
  const read = async (query: Partial<JournalQuery>) =>
    Array.fromAsync(machine.manager.journal.read({ ...ALL, unit, format: "cat", ...query }, signal));
  expect(await read({ grep: "one" })).toEqual(["One", "ONE more"]);
  expect(await read({ grep: "one", lines: 1 })).toEqual(["ONE more"]);
  expect(await read({ grep: "One" })).toEqual(["One"]);
  // It is a text here: a pattern that never ends cannot keep the agent busy.
  expect(await read({ grep: "o.e" })).toEqual([]);
  expect(await read({ sinceSeconds: 32_503_680_000 })).toEqual([]);
  expect((await read({ sinceSeconds: 0, format: "short-iso" })).at(-1)).toMatch(/^\d{4}-.* m7 /);
});
