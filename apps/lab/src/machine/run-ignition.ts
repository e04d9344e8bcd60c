import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { DebianTools } from "../debian-tools.ts";
import { labFailed } from "../lab-failed.ts";
import { runCommand } from "../run-command.ts";
import type { MountSpace } from "./mount-space.ts";

/** Runs the real Ignition over a machine's root before its first boot, as a CoreOS does in its initramfs. `folder` is for its logs and state. */
export async function runIgnition(
  tools: DebianTools,
  target: { readonly space: MountSpace; readonly root: string; readonly folder: string; readonly config: string },
  signal: AbortSignal,
): Promise<void> {
  const dir = join(target.folder, "ignition");
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const config = join(dir, "config.ign");
  // It holds private keys.
  await writeFile(config, target.config, { mode: 0o600 });
  const env = {
    ...process.env,
    PATH: `${tools.path}${delimiter}${process.env["PATH"] ?? ""}`,
    IGNITION_CONFIG_FILE: config,
  };
  for (const stage of ["fetch", "files"]) {
    const argv = [
      tools.ignition,
      "--platform",
      "file",
      "--stage",
      stage,
      "--root",
      target.root,
      "--config-cache",
      join(dir, "cache"),
      "--state-file",
      join(dir, "state"),
      "--log-to-stdout",
    ];
    const result = await runCommand(target.space.enter(argv), { env, timeoutMs: 30_000 }, signal);
    await writeFile(join(dir, `${stage}.log`), result.stdout + result.stderr);
    signal.throwIfAborted();
    if (result.code !== 0)
      throw labFailed(`Ignition's stage ${stage} ended with ${result.code}`, {
        why: (result.stdout + result.stderr).trim().split("\n").slice(-3).join("\n"),
        try: `read ${dir}`,
      });
  }
}
