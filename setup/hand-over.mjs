// Runs a TypeScript entry of this checkout under Node 26, in the caller's working directory.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Ends with the entry's own exit code, or by the signal that ended it; `extra` is added to its environment. */
export async function handOver(entry, extra = {}) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
  const setup = spawnSync(process.execPath, [join(root, "setup/bootstrap.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (setup.status !== 0) process.exit(setup.status ?? 1);
  const node = setup.stdout.trim();
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", join(root, entry), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...extra, ...process.env },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((done) => child.on("close", (...end) => done(end)));
  if (signal) process.kill(process.pid, signal);
  process.exit(code ?? 1);
}
