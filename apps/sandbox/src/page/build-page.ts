import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CodedError } from "@quarterdeck/model";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const SOURCES = join(PACKAGE, "page");
const DIST = join(PACKAGE, "dist");

/**
 * The folder with the built page: made when its sources changed, else found. Built in a process of its own, for the
 * bundler's memory should not stay, and moved into place whole, for two sandboxes may start at once.
 * @throws {CodedError} SETUP_FAILED with the bundler's words.
 */
export async function buildPage(signal: AbortSignal): Promise<string> {
  const target = join(DIST, `page-${await hashInputs()}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${process.pid}`;
  await mkdir(DIST, { recursive: true });
  await bundle(draft, signal);
  // Somebody else may have been faster; theirs is as good.
  if (existsSync(target)) await rm(draft, { recursive: true });
  else await rename(draft, target);
  await removeOld(target);
  return target;
}

async function bundle(directory: string, signal: AbortSignal): Promise<void> {
  const script = fileURLToPath(new URL("./bundle-page.ts", import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, SOURCES, directory], {
    stdio: ["ignore", "ignore", "pipe"],
    signal,
  });
  const words: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => words.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new CodedError("SETUP_FAILED", {
      message: `the page cannot be built: ${Buffer.concat(words).toString().trim()}`,
    });
}

/** A digest of all that the page is made from, the versions of its libraries included. */
async function hashInputs(): Promise<string> {
  const hash = createHash("sha256");
  const files = (await readdir(SOURCES, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
  for (const path of [...paths, join(PACKAGE, "package.json"), join(PACKAGE, "../../pnpm-workspace.yaml")])
    hash
      .update(path.slice(PACKAGE.length))
      .update("\0")
      .update(await readFile(path));
  return hash.digest("hex").slice(0, 16);
}

/** Keeps the newest few: another sandbox may still serve an older one. */
async function removeOld(target: string): Promise<void> {
  const built = (await readdir(DIST)).filter((name) => /^page-[0-9a-f]{16}$/.test(name) && join(DIST, name) !== target);
  for (const name of built.slice(0, -3)) await rm(join(DIST, name), { recursive: true, force: true });
}
