import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");

/** What the executable begins with, and by file name what it loads when it is asked for. */
export type Bundle = { readonly main: Uint8Array; readonly roles: Readonly<Record<string, Uint8Array>> };

/** By role, its module; a bundle of each is in the executable. */
const ROLE_MODULES = {
  agent: "@quarterdeck/agent/main",
  engine: "@quarterdeck/engine/main",
  bot: "@quarterdeck/bot/main",
  fleet: "@quarterdeck/cli/main",
} as const;

/**
 * Each role by itself, as a CommonJS module: V8 keeps the whole source of a module for as long as the process runs, and no daemon has to carry the
 * others' along. CommonJS, because an `import` of `node:http` evaluates all that it exports, and so loads Node's whole `fetch`, which an agent does
 * not need. The same sources give the same bytes, wherever the work tree lies.
 */
export async function bundle(version: string): Promise<Bundle> {
  const define = { QUARTERDECK_VERSION: JSON.stringify(version) };
  const main = await bundleOne({
    define,
    entryPoints: [join(here, "run.ts")],
    format: "esm",
    plugins: [rolesAside, zodByPart],
  });
  const roles = await Promise.all(
    Object.entries(ROLE_MODULES).map(async ([role, module]) => {
      const stdin = { contents: `export { main } from ${JSON.stringify(module)};`, resolveDir: here };
      return [`${role}.cjs`, await bundleOne({ define, stdin, format: "cjs", plugins: [zodByPart] })] as const;
    }),
  );
  return { main, roles: Object.fromEntries(roles) };
}

/** In the executable a role's module is taken out of it. */
const rolesAside: Plugin = {
  name: "roles-aside",
  setup(builder) {
    for (const [role, module] of Object.entries(ROLE_MODULES)) {
      builder.onResolve({ filter: new RegExp(`^${module}$`) }, () => ({ path: role, namespace: "role" }));
    }
    builder.onLoad({ filter: /.*/, namespace: "role" }, ({ path }) => ({
      contents: `import { loadRole } from "./load-role.ts"; export const { main } = loadRole(${JSON.stringify(path)});`,
      resolveDir: here,
    }));
  },
};

/**
 * `import { z }` takes all of zod along, its messages in 50 languages too; of a namespace esbuild leaves out what nobody uses, three quarters of it.
 */
const zodByPart: Plugin = {
  name: "zod-by-part",
  setup(builder) {
    builder.onLoad({ filter: /\/(apps|packages)\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return { contents: source.replace(/^import \{ z \} from "zod";$/m, 'import * as z from "zod";'), loader: "ts" };
    });
  },
};

async function bundleOne(options: BuildOptions): Promise<Uint8Array> {
  const result = await build({
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: "node",
    target: "node26",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    ...options,
  });
  const [output] = result.outputFiles ?? [];
  if (output === undefined) throw new TypeError("esbuild returned no output file");
  return Buffer.from(escapeNonAscii(output.text));
}

/**
 * With one character beyond Latin-1 every character of a source takes two bytes of memory. esbuild escapes strings by itself; what is left stands in
 * regular expressions, where the escape means the same.
 */
function escapeNonAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
