import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { requireHttp } from "./require-http.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");

/** CommonJS packages inside an ES module ask for Node's own modules by `require`. */
const BANNER = `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);`;

/** All roles as one ES module. The same sources give the same bytes, wherever the work tree lies. */
export async function bundle(version: string): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [join(here, "run.ts")],
    absWorkingDir: root,
    bundle: true,
    write: false,
    platform: "node",
    target: "node26",
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    banner: { js: BANNER },
    plugins: [requireHttp],
    define: { QUARTERDECK_VERSION: JSON.stringify(version) },
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new TypeError("esbuild returned no output file");
  return Buffer.from(escapeNonAscii(output.text));
}

/**
 * V8 keeps a source for as long as it runs, and with one character beyond Latin-1 every character takes two bytes: five megabytes more in each daemon.
 * esbuild escapes strings by itself; what is left stands in regular expressions, where the escape means the same.
 */
function escapeNonAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
