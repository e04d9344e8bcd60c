import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { contained } from "./contained.ts";
import type { LabHome } from "./home.ts";
import { labFailed } from "./lab-failed.ts";
import type { Progress } from "./progress.ts";
import { runCommand } from "./run-command.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** What machines run: the directory with `quarterdeck` and `lib/`, and the version it is mounted under. */
export type Binary = { readonly dir: string; readonly version: string };

/** Has apps/binary build it, if its inputs changed; a process of its own, as apps are not imported. */
export async function ensureBinary(home: LabHome, progress: Progress, signal: AbortSignal): Promise<Binary> {
  const argv = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    join(ROOT, "apps/binary/src/build.ts"),
    "--lab",
  ];
  const built = await progress.step("the binary of agent, engine, bot and fleet", () =>
    runCommand(contained(argv), { env: { ...process.env, QUARTERDECK_HOME: home.root } }, signal),
  );
  signal.throwIfAborted();
  const dir = built.stdout.trim().split("\n").at(-1) ?? "";
  if (built.code !== 0 || !dir.startsWith("/"))
    throw labFailed("the binary could not be built", {
      why: built.stderr.trim().split("\n").slice(-6).join("\n"),
      try: "pnpm build",
    });
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { readonly version: string };
  return { dir, version };
}
