import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { DebianTools } from "../debian-tools.ts";
import { labFailed } from "../lab-failed.ts";
import { runCommand, runOrFail } from "../run-command.ts";
import type { MountSpace } from "./mount-space.ts";

/**
 * Runs the real Ignition over a machine's root before its first boot, as a CoreOS does in its initramfs. `folder` is for its logs and state;
 * `doorway` is a path that any user can walk to, where the root is shown while Ignition runs: it writes the ssh keys as their owner, who cannot
 * pass through a home such as /root.
 */
export async function runIgnition(
  tools: DebianTools,
  target: {
    readonly space: MountSpace;
    readonly root: string;
    readonly doorway: string;
    readonly folder: string;
    readonly config: string;
  },
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
  await mkdir(target.doorway, { recursive: true, mode: 0o755 });
  await runOrFail(target.space.enter(["mount", "--bind", target.root, target.doorway]), {}, signal);
  try {
    await runStages(tools, { dir, env, space: target.space, doorway: target.doorway }, signal);
  } finally {
    // Not by our signal: told to stop, it must be undone all the same.
    await runOrFail(
      target.space.enter(["umount", target.doorway]),
      { timeoutMs: 10_000 },
      new AbortController().signal,
    );
    await rm(target.doorway, { recursive: true, force: true });
  }
}

async function runStages(
  tools: DebianTools,
  {
    dir,
    env,
    space,
    doorway,
  }: { readonly dir: string; readonly env: NodeJS.ProcessEnv; readonly space: MountSpace; readonly doorway: string },
  signal: AbortSignal,
): Promise<void> {
  for (const stage of ["fetch", "files"]) {
    const argv = [
      tools.ignition,
      "--platform",
      "file",
      "--stage",
      stage,
      "--root",
      doorway,
      "--config-cache",
      join(dir, "cache"),
      "--state-file",
      join(dir, "state"),
      "--log-to-stdout",
    ];
    const result = await runCommand(space.enter(argv), { env, timeoutMs: 30_000 }, signal);
    await writeFile(join(dir, `${stage}.log`), result.stdout + result.stderr);
    signal.throwIfAborted();
    if (result.code !== 0)
      throw labFailed(`Ignition's stage ${stage} ended with ${result.code}`, {
        why: (result.stdout + result.stderr).trim().split("\n").slice(-3).join("\n"),
        try: `read ${dir}`,
      });
  }
}
