import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packBinary, type BuiltBinary } from "./build-binary.ts";
import { bundle, type Bundle } from "./bundle.ts";
import { ARCHITECTURES, type Architecture } from "./make-executable.ts";

const run = promisify(execFile);
const native = ARCHITECTURES.find((arch): arch is Architecture => arch === process.arch);
const runnable = process.platform === "linux" && native !== undefined;
const signal = AbortSignal.timeout(600_000);
let home: string;
let built: BuiltBinary;

let code: Bundle;

const pack = () => packBinary({ arch: native ?? "x64", code, outDir: (inputs) => join(home, inputs) }, signal);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "quarterdeck-binary-"));
  code = await bundle("1.2.3-test");
  if (runnable) built = await pack();
}, 120_000);

afterAll(() => rm(home, { recursive: true, force: true }));

test.skipIf(!runnable)(
  "the executable knows its version and needs nothing but the libraries beside it",
  async () => {
    const { stdout } = await run(join(built.dir, "quarterdeck"), ["version"], {
      env: { LD_LIBRARY_PATH: join(built.dir, "lib") },
      cwd: "/",
    });
    expect(stdout).toBe("quarterdeck 1.2.3-test\n");
    expect(built.missingLibraries).toEqual([]);
  },
  30_000,
);

test.skipIf(!runnable)(
  "called by the name fleet it is the terminal",
  async () => {
    await symlink(join(built.dir, "quarterdeck"), join(home, "fleet"));
    const { stdout } = await run(join(home, "fleet"), ["version"], { cwd: "/" });
    expect(stdout).toContain("1.2.3-test");
  },
  30_000,
);

test.skipIf(!runnable)(
  "a unit tells Node by an argument what its role needs, which the role does not see",
  async () => {
    const call = (option: string) =>
      run(join(built.dir, "quarterdeck"), [`--node-options=${option}`, "version"], { cwd: "/" });
    expect((await call("--max-semi-space-size=1")).stdout).toBe("quarterdeck 1.2.3-test\n");
    await expect(call("--no-such-option")).rejects.toMatchObject({ stderr: expect.stringContaining("no-such-option") });
  },
  30_000,
);

test.skipIf(!runnable)(
  "options of the environment do not reach into it",
  async () => {
    const { stdout } = await run(join(built.dir, "quarterdeck"), ["version"], {
      env: { NODE_OPTIONS: "--require=/nonexistent" },
      cwd: "/",
    });
    expect(stdout).toBe("quarterdeck 1.2.3-test\n");
  },
  30_000,
);

test.skipIf(!runnable)(
  "the same inputs are built once, and nothing half-made stays",
  async () => {
    expect(await pack()).toMatchObject({ dir: built.dir, built: false });
    expect((await readdir(home)).filter((name) => name.includes("."))).toEqual([]);
    expect((await readdir(built.dir)).toSorted()).toEqual(["lib", "quarterdeck"]);
  },
  30_000,
);

test.skipIf(!runnable)(
  "a folder not named after its inputs is made anew, so that libraries installed since are in it",
  async () => {
    const again = () => packBinary({ arch: native ?? "x64", code, outDir: () => join(home, "linux") }, signal);
    const first = await again();
    await rm(join(first.dir, "lib"), { recursive: true });
    expect(await again()).toMatchObject({ built: true, missingLibraries: [] });
    expect(await readdir(join(first.dir, "lib"))).toContain("libatomic.so.1");
  },
  120_000,
);
