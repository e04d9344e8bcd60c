import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism, release, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Config, MachineId, Presence, Timestamp } from "@quarterdeck/model";
import { deriveDiskStep } from "./disk/derive-disk-step.ts";
import { readDiskFree } from "./disk/read-disk-free.ts";
import { version } from "./version.ts";
import { writeAtomically } from "./write-atomically.ts";

const run = promisify(execFile);

export type FactsOptions = {
  readonly config: Config;
  readonly machine: MachineId;
  readonly stateDir: string;
  readonly now: Date;
  /** What {@link readChangingFacts} found. */
  readonly changing: ChangingFacts;
};

/** What may change while the agent runs. */
export type ChangingFacts = Pick<Presence, "capacity" | "disk">;

/** What this machine says of itself. @throws when /proc cannot be read or the instance id cannot be kept */
export async function readPresence({ config, machine, stateDir, now, changing }: FactsOptions): Promise<Presence> {
  const [os, systemd, bootId, instanceId] = await Promise.all([
    readOsName(),
    readSystemdVersion(),
    readBootId(),
    readInstanceId(stateDir),
  ]);
  const versions = { agent: version, kernel: release(), ...(systemd === null ? {} : { systemd }) };
  return {
    v: 1,
    machine,
    hostname: config.machine.hostname,
    address: config.machine.address,
    agentPort: config.agent.port,
    zone: config.machine.zone,
    os,
    versions,
    ...changing,
    metadata: config.machine.metadata,
    bootId,
    instanceId,
    startedAt: now.toISOString() as Timestamp,
  };
}

/** `former`: what was told of the disk last, see {@link deriveDiskStep}; `null` at the start. */
export async function readChangingFacts(containers: string, former: Presence["disk"]): Promise<ChangingFacts> {
  const free = await readDiskFree(containers);
  return {
    capacity: { cpus: availableParallelism(), memoryMiB: Math.round(totalmem() / 1024 / 1024) },
    disk: free === null ? null : { freePercent: deriveDiskStep(free, former?.freePercent ?? null) },
  };
}

/** Changes with every boot; as the unit's `%b` says it, for the agent's own /proc may show another's. @see systemd.unit(5) "SPECIFIERS" */
export async function readBootId(): Promise<string> {
  const told = process.env["QUARTERDECK_BOOT_ID"];
  if (told !== undefined && told !== "") return told;
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}

/** Made once per installation: two machines with one machine id are told apart by it. */
async function readInstanceId(stateDir: string): Promise<string> {
  const path = join(stateDir, "instance-id");
  const kept = (await readFile(path, "utf8").catch(() => "")).trim();
  if (/^[0-9a-f-]{36}$/.test(kept)) return kept;
  const made = randomUUID();
  await writeAtomically(path, `${made}\n`, { mode: 0o600, durable: true });
  return made;
}

/** @see os-release(5) */
async function readOsName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const line = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1] ?? "Linux";
  return line.replaceAll(/^["']|["']$/g, "");
}

/** `null` where there is no systemd. */
async function readSystemdVersion(): Promise<string | null> {
  try {
    const { stdout } = await run("systemctl", ["--version"], { timeout: 5000 });
    return /^systemd (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    // Not installed is an expected answer: a missing key in the presence says so.
    return null;
  }
}
