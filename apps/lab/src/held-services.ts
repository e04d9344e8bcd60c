import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labFailed } from "./lab-failed.ts";
import { runInside } from "./machine/inside.ts";
import type { Machine } from "./machine/machine.ts";

/** What must not start before etcd's access control is on: until then every certificate may write everything. */
const HELD = ["quarterdeck-engine.service", "quarterdeck-agent.service"];
const GATE = "/run/quarterdeck-released";

/**
 * Puts a gate before those services in a root file system that is about to boot, or takes it away. Only a cluster's very first start
 * needs one, so it is no part of the machines' configs. `root` is a path on the host.
 */
export async function gateServices(root: string, held: boolean): Promise<void> {
  for (const unit of HELD) {
    const dir = join(root, "etc/systemd/system", `${unit}.d`);
    const path = join(dir, "50-first-start.conf");
    if (!held) await rm(path, { force: true });
    else {
      await mkdir(dir, { recursive: true });
      await writeFile(path, `[Unit]\nConditionPathExists=${GATE}\n`);
    }
  }
}

/** Opens the gate in a running machine and starts what waited. */
export async function releaseServices(machine: Machine, signal: AbortSignal): Promise<void> {
  const { pid } = machine;
  if (pid === null) return;
  const units = machine.record.role === "etcd" ? HELD : HELD.slice(1);
  for (const argv of [
    ["touch", GATE],
    ["systemctl", "start", "--no-block", ...units],
  ]) {
    const result = await runInside(pid, argv, 15_000, signal);
    if (result.code !== 0)
      throw labFailed(`${machine.name}: ${argv.slice(0, 2).join(" ")} ended with ${result.code}`, {
        why: result.stderr.trim(),
      });
  }
}
