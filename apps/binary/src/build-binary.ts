import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import { bundle, type Bundle } from "./bundle.ts";
import { copyLibraries, type ShippedLibrary } from "./copy-libraries.ts";
import { EXECUTABLE_SETTINGS, makeExecutable, nodeVersion, type Architecture } from "./make-executable.ts";

export type BuildOptions = {
  readonly arch: Architecture;
  readonly version: string;
  /**
   * The binary goes to the folder that this names; `inputs` is the sha256 of all that goes into it, in hex. A folder of that
   * very name is taken as it is; any other is made anew.
   */
  readonly outDir: (inputs: string) => string;
};

export type BuiltBinary = {
  /** Holds `quarterdeck` and `lib/`. */
  readonly dir: string;
  readonly built: boolean;
  /** Libraries that this host does not have for that architecture; `lib/` is without them. */
  readonly missingLibraries: readonly ShippedLibrary[];
};

/**
 * Bundles the sources as they are now and makes the binary of them.
 * @throws {CodedError} SETUP_FAILED
 */
export async function buildBinary({ arch, version, outDir }: BuildOptions, signal: AbortSignal): Promise<BuiltBinary> {
  return packBinary({ arch, code: await bundle(version), outDir }, signal);
}

export type PackOptions = Pick<BuildOptions, "arch" | "outDir"> & { readonly code: Bundle };

/**
 * Makes the binary unless the folder of its inputs is there already. The inputs are the bundle's own bytes (sources,
 * dependencies and version alike), Node's version and the settings: nothing can be forgotten in a list of files.
 * @throws {CodedError} SETUP_FAILED
 */
export async function packBinary({ arch, code, outDir }: PackOptions, signal: AbortSignal): Promise<BuiltBinary> {
  const hash = createHash("sha256")
    .update(nodeVersion(arch))
    .update(arch)
    .update(JSON.stringify(EXECUTABLE_SETTINGS))
    .update(code.main);
  for (const [name, role] of Object.entries(code.roles)) hash.update(name).update(role);
  const inputs = hash.digest("hex");
  const dir = outDir(inputs);
  const now = new Date();
  if (basename(dir) === inputs && existsSync(join(dir, "quarterdeck"))) {
    await utimes(dir, now, now);
    return { dir, built: false, missingLibraries: [] };
  }
  const aside = `${dir}.${process.pid}`;
  try {
    await mkdir(aside, { recursive: true });
    const missingLibraries = await copyLibraries(arch, join(aside, "lib"));
    await makeExecutable({ arch, code, output: join(aside, "quarterdeck") }, signal);
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
    return { dir, built: true, missingLibraries };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
