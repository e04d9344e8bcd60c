import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import { labFailed } from "../lab-failed.ts";
import { until } from "../until.ts";
import { endWithUs } from "./end-with-us.ts";
import type { MountSpace } from "./mount-space.ts";

export type NspawnOptions = {
  /** Unique on the host. */
  readonly name: string;
  /** The host's end of the machine's cable; nspawn makes it, the caller plugs it into the bridge. */
  readonly link: string;
  readonly hostname: string;
  /** 32 hex digits. */
  readonly machineId: string;
  /** In which the paths below are. */
  readonly space: MountSpace;
  readonly root: string;
  /** Directory → path in the machine. */
  readonly binds: ReadonlyMap<string, string>;
  readonly readOnlyBinds: ReadonlyMap<string, string>;
  /** Files that the process writes its pid to before it becomes nspawn. */
  readonly cgroupEntries: readonly string[];
  /** The console's output is appended to it. */
  readonly consoleLog: string;
};

/** How nspawn ended: the machine asked for a reboot, or it is off for whatever reason. */
type NspawnEnd = "reboot" | "off";

/** One booted machine: its nspawn process and its init. */
export type Nspawn = {
  readonly pid: number;
  /** The machine's init seen from outside; null while nspawn sets up, and when it is gone. */
  leader(): Promise<number | null>;
  readonly ended: Promise<NspawnEnd>;
  /** Asks the machine to power off, as the power button would. */
  powerOff(): void;
};

/** nspawn's exit code when the machine asked for a reboot. */
const REBOOT_CODE = 133;

/** Boots a root file system; returns once the process runs. The machine powers off by itself when this process dies, however it dies. */
export async function startNspawn(options: NspawnOptions): Promise<Nspawn> {
  const console = await open(options.consoleLog, "a");
  const argv = endWithUs(options.cgroupEntries, options.space.enter(nspawnArguments(options)));
  const env = { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" };
  // A session of its own: Ctrl-C in the terminal is for the supervisor, which powers machines off in order.
  const child = spawn("setpriv", argv, { stdio: ["ignore", console.fd, console.fd], env, detached: true });
  try {
    await new Promise<void>((done, fail) => child.once("spawn", done).once("error", fail));
  } catch (error) {
    throw labFailed("systemd-nspawn could not be started", {}, error);
  } finally {
    await console.close();
  }
  const pid = child.pid ?? 0;
  return { pid, leader: () => findLeader(pid), ended: endOf(child), powerOff: () => void child.kill("SIGTERM") };
}

export function nspawnArguments(
  options: Omit<NspawnOptions, "space" | "cgroupEntries" | "consoleLog">,
): readonly string[] {
  return [
    "systemd-nspawn",
    "--quiet",
    "--boot",
    "--register=no",
    "--keep-unit",
    "--console=pipe",
    "--link-journal=no",
    "--resolv-conf=off",
    "--timezone=off",
    `--machine=${options.name}`,
    `--hostname=${options.hostname}`,
    `--uuid=${options.machineId}`,
    `--directory=${options.root}`,
    // Docker inside needs them all, and the key ring and bpf calls that nspawn filters by default.
    "--capability=all",
    "--system-call-filter=@keyring bpf",
    `--network-veth-extra=${options.link}:host0`,
    ...[...options.binds].map(([from, to]) => `--bind=${from}:${to}`),
    ...[...options.readOnlyBinds].map(([from, to]) => `--bind-ro=${from}:${to}`),
  ];
}

/** Appends a line of the supervisor's own to a console log. */
export function noteOnConsole(path: string, line: string): void {
  createWriteStream(path, { flags: "a" }).end(`\n--- ${line} ---\n`);
}

/** Waits for the machine's init. @returns its pid, or null when nspawn ended before */
export async function awaitLeader(nspawn: Nspawn, signal: AbortSignal): Promise<number | null> {
  let over = false;
  void nspawn.ended.then(() => {
    over = true;
  });
  let leader: number | null = null;
  await until(
    async () => {
      leader = await nspawn.leader();
      return leader !== null || over;
    },
    { everyMs: 10, forMs: 20_000 },
    signal,
  );
  return leader;
}

function endOf(child: ChildProcess): Promise<NspawnEnd> {
  return new Promise((done) => {
    child.once("exit", (code) => done(code === REBOOT_CODE ? "reboot" : "off"));
  });
}

/** nspawn's child that is process 1 of a namespace; while it sets up it has another child, which is not. */
async function findLeader(nspawnPid: number): Promise<number | null> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    // Processes come and go while we look.
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    if (isLeader(status, nspawnPid)) return Number(entry);
  }
  return null;
}

/** Whether the text of /proc/<pid>/status is that of a machine's init, started by that nspawn. */
export function isLeader(status: string, nspawnPid: number): boolean {
  const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  const inside = /^NSpid:\s+(?:\d+\s+)+(\d+)$/m.exec(status)?.[1];
  return Number(parent) === nspawnPid && inside === "1";
}
