import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clean } from "./clean.ts";
import { homeFromEnvironment } from "./home.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "quarterdeck-clean-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("what was installed, built and cached is gone, and what somebody wrote is not", async () => {
  const home = homeFromEnvironment({ QUARTERDECK_HOME: join(folder, "home") });
  const checkout = join(folder, "checkout");
  const made = ["node_modules/a/x", "packages/a/node_modules/x", "packages/a/.tsc/x", "apps/b/dist/x", ".turbo/x"];
  const own = ["packages/a/src/dist.ts", "apps/b/README.md", "tests/c/src/node_modules.ts", "notes.txt"];
  for (const path of [...made, ...own].map((name) => join(checkout, name)).concat(join(home.cache, "etcd/etcd"))) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "");
  }
  await clean(home, checkout);
  expect(made.filter((name) => existsSync(join(checkout, name)))).toEqual([]);
  expect(own.filter((name) => !existsSync(join(checkout, name)))).toEqual([]);
  expect(existsSync(home.root)).toBe(false);
});
