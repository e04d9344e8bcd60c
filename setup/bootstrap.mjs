// Gets Node 26 and pnpm from npm, installs the workspace's packages, prints the path of Node 26 on stdout and returns.
// Plain JavaScript for Node >= 18 without dependencies: it runs before anything is installed.
// Everything it says goes to stderr; stdout carries one line, so that an npm script can write
//   NODE=$(node setup/bootstrap.mjs) && exec "$NODE" …
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_VERSION = "26.10.0";
const PNPM_VERSION = "12.21.0";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const home = process.env.QUARTERDECK_HOME || join(homedir(), ".local/share/quarterdeck");

const say = (line) => process.stderr.write(`setup: ${line}\n`);

function fail(message, hint) {
  process.stderr.write(`error[SETUP_FAILED]: ${message}\ntry: ${hint}\n`);
  process.exit(1);
}

/** Runs a command, its output to a log file; says how long it has taken once it is over two seconds. */
function run(title, command, args, options = {}) {
  return new Promise((done) => {
    const started = Date.now();
    const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
    let announced = false;
    const timer = setInterval(() => {
      announced = true;
      say(`${title} … ${seconds()}`);
    }, 2500);
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    const finish = (code) => {
      clearInterval(timer);
      if (code === 0 && announced) say(`${title}: done in ${seconds()}`);
      done({ code, output: Buffer.concat(output).toString() });
    };
    child.on("error", (error) => {
      output.push(Buffer.from(error.message));
      finish(127);
    });
    child.on("close", finish);
  });
}

const hasLibatomic = () =>
  ["/lib", "/usr/lib", "/lib64", "/usr/lib64"].some((dir) => {
    if (existsSync(join(dir, "libatomic.so.1"))) return true;
    const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    return existsSync(join(dir, triplet, "libatomic.so.1"));
  });

/** Node 26 is linked against libatomic.so.1, which a bare Debian lacks. */
async function ensureLibatomic() {
  if (process.platform !== "linux" || hasLibatomic()) return;
  if (process.getuid() !== 0)
    fail(
      "Node 26 needs libatomic.so.1, which is not here, and only root can install it",
      "sudo apt-get install -y libatomic1",
    );
  say("as root: apt-get install libatomic1 (Node 26 does not start without it)");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "-qq", "--no-install-recommends", "libatomic1"];
  let result = await run("apt-get install libatomic1", "apt-get", install, { env });
  if (result.code !== 0) {
    await run("apt-get update", "apt-get", ["update", "-qq"], { env });
    result = await run("apt-get install libatomic1", "apt-get", install, { env });
  }
  if (result.code !== 0 || !hasLibatomic())
    fail(`libatomic1 could not be installed:\n${result.output.trim()}`, "apt-get install -y libatomic1");
}

/** A folder that either holds all of Node 26 and pnpm, or does not exist: it is made aside and renamed into place. */
async function ensureToolchain() {
  const dir = join(home, "toolchain", `node-${NODE_VERSION}-pnpm-${PNPM_VERSION}`);
  const nodePackage = `node-${process.platform}-${process.arch}`;
  const node = join(dir, "node_modules", nodePackage, "bin", "node");
  const pnpm = join(dir, "node_modules", ".bin", "pnpm");
  if (existsSync(node) && existsSync(pnpm)) return { node, pnpm, bin: join(dir, "bin") };
  say(`Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} from npm into ${dir}`);
  const aside = `${dir}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  writeFileSync(join(aside, "package.json"), JSON.stringify({ private: true, description: "Quarterdeck's toolchain" }));
  const wanted = [`${nodePackage}@${NODE_VERSION}`, `pnpm@${PNPM_VERSION}`];
  const result = await run(
    "npm install of the toolchain",
    "npm",
    ["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", aside, ...wanted],
    { cwd: aside },
  );
  if (result.code !== 0) {
    rmSync(aside, { recursive: true, force: true });
    fail(
      `npm could not install ${wanted.join(" and ")}:\n${result.output.trim()}`,
      "look at the lines above; npm must reach its registry",
    );
  }
  // Tools that look for "node" on PATH (turbo, vitest's shebangs) must find this one, and nothing else of the folder.
  mkdirSync(join(aside, "bin"));
  symlinkSync(join("..", "node_modules", nodePackage, "bin", "node"), join(aside, "bin", "node"));
  symlinkSync(join("..", "node_modules", ".bin", "pnpm"), join(aside, "bin", "pnpm"));
  rmSync(dir, { recursive: true, force: true });
  renameSync(aside, dir);
  const probe = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (probe.status !== 0)
    fail(
      `Node ${NODE_VERSION} does not start here: ${(probe.stderr || "").trim()}`,
      "glibc >= 2.28, libstdc++6 and libatomic1 are needed",
    );
  return { node, pnpm, bin: join(dir, "bin") };
}

/** What the installed packages depend on: the lockfile, the workspace file and every package.json. */
function inputsHash() {
  const hash = createHash("sha256").update(NODE_VERSION + PNPM_VERSION);
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"];
  for (const group of ["packages", "apps", "tests"]) {
    if (!existsSync(join(root, group))) continue;
    for (const name of readdirSync(join(root, group)).sort()) files.push(`${group}/${name}/package.json`);
  }
  if (existsSync(join(root, "patches")))
    for (const name of readdirSync(join(root, "patches")).sort()) files.push(`patches/${name}`);
  for (const file of files) if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

async function ensurePackages({ pnpm, bin }) {
  const stamp = join(root, "node_modules", ".quarterdeck-installed");
  const want = inputsHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  say("pnpm install of the workspace's packages");
  const args = [
    "install",
    "--reporter=append-only",
    existsSync(join(root, "pnpm-lock.yaml")) ? "--frozen-lockfile" : "--no-frozen-lockfile",
  ];
  const env = { ...process.env, CI: "true", PATH: `${bin}:${process.env.PATH}` };
  const result = await run("pnpm install", pnpm, args, { env });
  if (result.code !== 0) fail(`pnpm install failed:\n${result.output.trim()}`, "rm -rf node_modules, then once more");
  // npx looks in node_modules/.bin before anywhere else; pnpm does not link a root package's own bins.
  mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
  for (const name of ["fleet", "lab"]) {
    rmSync(join(root, "node_modules", ".bin", name), { force: true });
    symlinkSync(join("..", "..", "setup", `${name}.mjs`), join(root, "node_modules", ".bin", name));
  }
  writeFileSync(stamp, want);
}

async function main() {
  if (!["linux"].includes(process.platform) || !["x64", "arm64"].includes(process.arch))
    fail(`${process.platform} on ${process.arch} is not supported yet`, "use Linux on x64 or arm64");
  mkdirSync(join(home, "toolchain"), { recursive: true });
  await ensureLibatomic();
  const toolchain = await ensureToolchain();
  await ensurePackages(toolchain);
  process.stdout.write(`${toolchain.node}\n`);
}

await main();
