// `npm test`: every static check and every test, one after the other, then `N passed, N failed, N skipped`.
// Each static check counts as one test. A check's output is shown when it fails, and kept in test-results/.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { countTests, type Tally } from "./count-tests.ts";
import { prepareTests } from "./prepare-tests.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const results = join(root, "test-results");
const bin = (name: string) => join(root, "node_modules/.bin", name);

type Check = { readonly name: string; readonly argv: readonly [string, ...string[]] };

const STATIC_CHECKS: readonly Check[] = [
  { name: "format", argv: [bin("oxfmt"), "--check"] },
  { name: "lint", argv: [bin("oxlint"), "--type-aware", "--deny-warnings"] },
  { name: "types", argv: [bin("tsc"), "-b"] },
  { name: "boundaries", argv: [bin("turbo"), "boundaries"] },
  { name: "unused", argv: [bin("knip")] },
];

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write("npm test [-- --only static|unit|lab]\n");
    return 0;
  }
  mkdirSync(results, { recursive: true });
  const wants = (part: string) => values.only === undefined || values.only === part;
  const total: Tally = { passed: 0, failed: 0, skipped: 0 };
  const add = (tally: Tally) => {
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
  };
  // Downloads and builds go on beside the static checks.
  const prepared = wants("unit") || wants("lab") ? prepareTests(root) : Promise.resolve();
  if (wants("static")) for (const check of STATIC_CHECKS) add(await runStatic(check));
  await prepared;
  for (const project of ["unit", "lab"] as const) if (wants(project)) add(await runVitest(project));
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function runStatic(check: Check): Promise<Tally> {
  const started = performance.now();
  const { code, output } = await run(check.argv, { TURBO_TELEMETRY_DISABLED: "1" }, false);
  writeFileSync(join(results, `${check.name}.log`), output);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${check.name} (${seconds} s)\n`);
  if (code !== 0) process.stdout.write(`${output}\n`);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runVitest(project: string): Promise<Tally> {
  const report = join(results, `${project}.json`);
  writeFileSync(report, "");
  process.stdout.write(`\n${project} tests\n`);
  const argv = [
    bin("vitest"),
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ] as const;
  const { code } = await run(argv, {}, true);
  return countTests(readFileSync(report, "utf8"), code);
}

/** Runs argv in the checkout with Node 26 first on PATH; resolves when it is over, with everything it printed. */
function run(argv: readonly [string, ...string[]], environment: Readonly<Record<string, string>>, show: boolean) {
  const [command, ...rest] = argv;
  const child = spawn(command, rest, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`, ...environment },
  });
  const { promise, resolve: done, reject } = Promise.withResolvers<{ code: number; output: string }>();
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (show) process.stdout.write(chunk);
    });
  }
  child.on("error", reject);
  child.on("close", (code) => done({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  return promise;
}

process.exitCode = await main();
