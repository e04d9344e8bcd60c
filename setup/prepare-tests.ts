import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildFleetctl } from "./build-fleetctl.ts";
import { fetchOldEtcd } from "./fetch-old-etcd.ts";

/** A browser that `npm test` may use; any of these will do. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** apt over a slow network, once. */
const FETCH_MS = 300_000;
/** Modules over a slow network, then the compiler, once. */
const BUILD_MS = 600_000;

/**
 * Gets what the tests run against: etcd, Ignition, the base image and the binary, as `npm start` would, and Debian's old etcd and Chromium. What cannot be had
 * is said; the tests that need it skip themselves and say so again.
 */
export async function prepareTests(root: string): Promise<void> {
  const lab = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    join(root, "apps/lab/src/run.ts"),
    "prepare",
  ] as const;
  if ((await run(lab)) !== 0) process.stdout.write("lab: not everything could be prepared; see above\n");
  await fetchOldEtcd(AbortSignal.timeout(FETCH_MS));
  await buildFleetctl(AbortSignal.timeout(BUILD_MS));
  if (BROWSERS.some((path) => existsSync(path))) return;
  if (process.getuid?.() !== 0) {
    process.stdout.write("no Chromium here, so the page's tests are skipped; get it: sudo apt-get install chromium\n");
    return;
  }
  process.stdout.write("as root: apt-get install chromium (for the tests of the page)\n");
  const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"] as const;
  if ((await run(install)) === 0) return;
  await run(["apt-get", "update", "-qq"]);
  if ((await run(install)) !== 0)
    process.stdout.write("Chromium could not be installed; the page's tests are skipped\n");
}

/** Its output is kept from the closing line's stream unless it fails. */
async function run([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on("error", reject);
  child.on("close", (code) => resolve(code ?? 1));
  const code = await promise;
  if (code !== 0)
    process.stdout.write(`${command} ${args.join(" ")} ended with ${code}:\n${Buffer.concat(chunks).toString()}\n`);
  return code;
}
