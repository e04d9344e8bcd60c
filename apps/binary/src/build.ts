import { readFile, readdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { problemOf } from "@quarterdeck/model";
import { buildBinary } from "./build-binary.ts";
import { describeMissing } from "./describe-missing.ts";
import { ARCHITECTURES } from "./make-executable.ts";

const USAGE = `usage: node apps/binary/src/build.ts [--arch x64|arm64|all]   into dist/<version>/linux-<arch>/; exit code 1 if the one named is not whole
       node apps/binary/src/build.ts --lab                      for this computer, into $QUARTERDECK_HOME/cache/binary/; prints the folder
`;
const KEPT_IN_CACHE = 4;
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

async function build(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { arch: { type: "string", default: "all" }, lab: { type: "boolean", default: false } },
  });
  const chosen = values.lab ? [process.arch] : values.arch === "all" ? ARCHITECTURES : [values.arch];
  const architectures = ARCHITECTURES.filter((arch) => chosen.includes(arch));
  if (architectures.length === 0) {
    process.stderr.write(`error[USAGE]: no such architecture ${chosen.join(", ")}\n${USAGE}`);
    return 2;
  }
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { readonly version: string };
  let code = 0;
  for (const arch of architectures) {
    const started = performance.now();
    const outDir = values.lab
      ? (inputs: string) => join(cache(), inputs)
      : () => join(root, "dist", version, `linux-${arch}`);
    const result = await buildBinary({ arch, version, outDir }, signal);
    const took = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`binary: linux-${arch} ${version} ${result.built ? `built in ${took} s` : "is up to date"}\n`);
    if (result.missingLibraries.length > 0) {
      process.stderr.write(describeMissing(arch, result.missingLibraries));
      // Who names an architecture wants it whole; who names none gets what this computer can make.
      if (values.arch === arch) code = 1;
    }
    if (values.lab && result.built) await prune(result.dir);
    process.stdout.write(`${result.dir}\n`);
  }
  return code;
}

const cache = () =>
  join(process.env["QUARTERDECK_HOME"] || join(homedir(), ".local/share/quarterdeck"), "cache/binary");

/** A binary is 150 MB. The newest few stay, so that going back and forth between two commits builds nothing. */
async function prune(current: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(cache())).map(async (name) => ({ name, usedAt: (await stat(join(cache(), name))).mtimeMs })),
  );
  const old = folders
    .filter(({ name }) => name !== basename(current))
    .sort((a, b) => b.usedAt - a.usedAt)
    .slice(KEPT_IN_CACHE - 1);
  for (const { name } of old) await rm(join(cache(), name), { recursive: true, force: true });
}

if (import.meta.main) {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  try {
    process.exitCode = await build(process.argv.slice(2), controller.signal);
  } catch (error) {
    const problem = problemOf(error);
    process.stderr.write(
      `error[${problem.code}]: ${problem.message}\n${problem.try === undefined ? "" : `try: ${problem.try}\n`}`,
    );
    process.exitCode = 1;
  }
}

export { buildBinary } from "./build-binary.ts";
