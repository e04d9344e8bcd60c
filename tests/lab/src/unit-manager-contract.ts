import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { z } from "zod";
import { theLab } from "./lab-handle.ts";
import { ROOT, runProcess } from "./run-process.ts";

/** By its path, not by import: an app is nobody's library. */
const PROGRAM = join(ROOT, "apps/agent/src/unit-manager.on-systemd.ts");
const BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire("/");`;
/** Node reads the program from its standard input. */
const NODE_OPTIONS = ["--input-type=module", "-"] as const;
/** More than all cases may take together, so that the program is there to clean up. */
const RUN_MS = 300_000;

const listSchema = z.object({ name: z.string() });
const reportSchema = z.object({ name: z.string(), failure: z.string().nullable() });

/** What one run of the contract said: by case, the failure or `null`; and how the program ended, for cases that it said nothing of. */
export type ContractReport = { readonly failures: ReadonlyMap<string, string | null>; readonly ending: string };

/** The contract of the agent's `UnitManager` as one program, and the names of its cases. */
export async function loadUnitManagerContract(): Promise<{
  readonly names: readonly string[];
  /** Against the systemd of a running machine. */
  runInside(machine: string): Promise<ContractReport>;
}> {
  const program = await bundle();
  const listed = await runProcess([process.execPath, ...NODE_OPTIONS, "list"], { input: program });
  if (listed.code !== 0) throw new Error(`the contract cannot be listed (${listed.code}):\n${listed.stderr}`);
  return {
    names: readLines(listed.stdout, listSchema).map(({ name }) => name),
    runInside: (machine) => runInside(program, machine),
  };
}

/**
 * Machines have no Node, so this process's own is handed on as an open file, and the program through its standard input: neither is ever on
 * the machine's disk. Node's libraries are those that the machine has beside its binary.
 */
async function runInside(program: Uint8Array, machine: string): Promise<ContractReport> {
  const binary = (await theLab.inside(machine, "readlink", "-f", "/opt/bin/quarterdeck")).stdout.trim();
  const libraries = `LD_LIBRARY_PATH=${join(binary, "../lib")}`;
  const node = openSync(process.execPath, "r");
  try {
    const ended = await theLab.insideWith(
      { input: program, file: node, timeoutMs: RUN_MS },
      machine,
      "env",
      libraries,
      "/proc/self/fd/3",
      ...NODE_OPTIONS,
    );
    return {
      failures: new Map(readLines(ended.stdout, reportSchema).map(({ name, failure }) => [name, failure])),
      ending: `ended with ${ended.code}:\n${ended.stderr}`,
    };
  } finally {
    closeSync(node);
  }
}

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [PROGRAM],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: "node",
    target: "node26",
    format: "esm",
    logLevel: "error",
    banner: { js: BANNER },
  });
  const [output] = outputFiles;
  if (output === undefined) throw new TypeError("esbuild returned no output file");
  return output.contents;
}

function readLines<Line>(text: string, schema: z.ZodType<Line>): readonly Line[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => schema.parse(JSON.parse(line)));
}
