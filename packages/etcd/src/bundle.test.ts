import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { startEtcd } from "./testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "./testing/find-etcd.ts";

const PROGRAM = `
import { connectEtcd } from "./index.ts";
const signal = AbortSignal.timeout(10_000);
await using client = await connectEtcd({ endpoints: [process.argv[2]], tls: null, prefix: "/quarterdeck/" }, signal);
await client.raw.put("/bundle", "works", signal);
console.log((await client.raw.get("/bundle", signal)).value);
`;

test.skipIf(findEtcd() === null)(
  `a bundle of this package works far from node_modules (${HOW_TO_GET_ETCD})`,
  async () => {
    await using server = await startEtcd();
    const directory = await mkdtemp(join(tmpdir(), "quarterdeck-bundle-"));
    try {
      const outfile = join(directory, "bundle.mjs");
      await build({
        stdin: { contents: PROGRAM, resolveDir: import.meta.dirname, loader: "ts" },
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node26",
        banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
        logLevel: "error",
      });
      await writeFile(join(directory, "package.json"), "{}");
      const { stdout } = await promisify(execFile)(process.execPath, [outfile, server.url], {
        cwd: directory,
        timeout: 20_000,
      });
      expect(stdout).toBe("works\n");
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
