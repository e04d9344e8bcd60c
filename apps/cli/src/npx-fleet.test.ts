import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const FLEET = fileURLToPath(new URL("../../../setup/fleet.mjs", import.meta.url));
const toolchain = process.execPath.split(`${sep}toolchain${sep}`)[0];

test.skipIf(toolchain === process.execPath)(
  "npx fleet keeps what Node made of the sources in the home, so that the next one need not make it again (skipped without the toolchain of npm test)",
  { timeout: 60_000 },
  async () => {
    const home = await mkdtemp(join(tmpdir(), "quarterdeck-npx-"));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    await symlink(join(toolchain ?? "", "toolchain"), join(home, "toolchain"));
    const env = { ...process.env, QUARTERDECK_HOME: home, NODE_COMPILE_CACHE: undefined };
    const { stdout } = await promisify(execFile)(process.execPath, [FLEET, "version"], { env });
    expect(stdout).toMatch(/^fleet \d/);
    expect(await readdir(join(home, "cache", "compiled"))).not.toEqual([]);
  },
);
