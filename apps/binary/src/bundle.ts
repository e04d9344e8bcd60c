import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { inlineEtcdProtos } from "./inline-etcd-protos.ts";

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
    define: { QUARTERDECK_VERSION: JSON.stringify(version) },
    plugins: [inlineEtcdProtos(), missingRole()],
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new TypeError("esbuild returned no output file");
  return output.contents;
}

/** A role whose sources are not there yet becomes one line that says so. */
function missingRole(): Plugin {
  return {
    name: "missing-role",
    setup(setup) {
      setup.onResolve({ filter: /^@quarterdeck\/(agent|engine|bot|cli)\/main$/ }, ({ path }) => {
        const app = path.split("/")[1] ?? "";
        return existsSync(join(root, "apps", app, "src/main.ts")) ? null : { path: app, namespace: "missing-role" };
      });
      setup.onLoad({ filter: /.*/, namespace: "missing-role" }, ({ path }) => ({
        contents: `export async function main() { process.stderr.write("error[NOT_YET]: ${path} is not part of this build\\n"); return 2; }`,
        loader: "js",
      }));
    },
  };
}
