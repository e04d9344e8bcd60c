import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { describe, expect, test } from "vitest";
import { startEtcd } from "../testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "../testing/find-etcd.ts";

const THEIRS = `
import { Etcd3 } from "etcd3";
const etcd3 = new Etcd3({ hosts: process.argv[2] });
console.log(await etcd3.get("/bundle").string());
etcd3.close();
`;
const OURS = `
import { Registry } from "prom-client";
import { connectEtcd } from "../index.ts";
import { etcdMetrics } from "../metrics/etcd-metrics.ts";
const registry = new Registry();
using metrics = etcdMetrics(registry);
const signal = AbortSignal.timeout(10_000);
await using client = await connectEtcd({ endpoints: [process.argv[2]], tls: null, prefix: "/quarterdeck/" }, signal);
await client.raw.put("/bundle", "works", signal);
console.log((await client.raw.get("/bundle", signal)).value);
console.log(/^quarterdeck_etcd_calls_total{call="put".*$/m.exec(await registry.metrics())?.[0]);
`;
const PATCH = join(import.meta.dirname, "../../../../patches/etcd3@1.1.2.patch");

describe.skipIf(findEtcd() === null)(
  `defect 10: .proto files that are read at import (${HOW_TO_GET_ETCD})`,
  { timeout: 60_000 },
  () => {
    test("etcd3 as it is published ends at once far from node_modules; a bundle of this package works, metrics included", async () => {
      await using server = await startEtcd();
      await expect(runBundle(THEIRS, [await asPublished()], server.url)).rejects.toThrow(/ENOENT.*rpc\.proto/);
      expect(await runBundle(OURS, [], server.url)).toBe(
        'works\nquarterdeck_etcd_calls_total{call="put",outcome="ok"} 1\n',
      );
    });
  },
);

/** What the bundled program printed, run in a directory that holds nothing else. */
async function runBundle(program: string, plugins: Plugin[], url: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "quarterdeck-bundle-"));
  try {
    const outfile = join(directory, "bundle.mjs");
    await build({
      stdin: { contents: program, resolveDir: import.meta.dirname, loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node26",
      banner: {
        js: [
          'import { createRequire } from "node:module";',
          "const require = createRequire(import.meta.url), __dirname = import.meta.dirname;",
        ].join("\n"),
      },
      logLevel: "error",
      plugins,
    });
    await writeFile(join(directory, "package.json"), "{}");
    const options = { cwd: directory, timeout: 20_000 };
    return (await promisify(execFile)(process.execPath, [outfile, url], options)).stdout;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Takes our patch of etcd3 back where it loads its service definition. */
async function asPublished(): Promise<Plugin> {
  const patch = await readFile(PATCH, "utf8");
  const published = /^-(.*loadSync\)\(.*)$/m.exec(patch)?.[1];
  const patched = /^\+(.*fromJSON\)\(.*)$/m.exec(patch)?.[1];
  if (published === undefined || patched === undefined) throw new Error(`${PATCH} no longer changes what etcd3 loads`);
  return {
    name: "etcd3 as it is published",
    setup: (bundler) => {
      bundler.onLoad({ filter: /etcd3\/lib\/connection-pool\.js$/ }, async ({ path }) => ({
        contents: (await readFile(path, "utf8")).replace(patched, () => published),
      }));
    },
  };
}
