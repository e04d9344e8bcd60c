import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { startEtcd } from "./testing/etcd-server.ts";
import { findEtcd, HOW_TO_GET_ETCD } from "./testing/find-etcd.ts";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");

/** Each program of the README, and what the README says that it prints. */
const programs = [...readme.matchAll(/```ts\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(([, source, output]) => ({
  source,
  output,
}));
const files = readdirSync(join(root, "src/examples")).map((name) => ({
  name,
  path: join(root, "src/examples", name),
  source: readFileSync(join(root, "src/examples", name), "utf8"),
}));

test("the README shows every example as it is, and no other program", () => {
  expect(files.length).toBeGreaterThan(0);
  expect(new Set(programs.map(({ source }) => source))).toEqual(new Set(files.map(({ source }) => source)));
  expect(readme.match(/```ts/g)).toHaveLength(files.length);
});

describe
  .skipIf(findEtcd() === null)
  .concurrent(`an example of the README (${HOW_TO_GET_ETCD})`, { timeout: 60_000 }, () => {
    test.each(files)("$name prints what the README says", async ({ path, source }) => {
      await using server = await startEtcd();
      const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path], {
        env: { ...process.env, ETCD: server.url },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [printed, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
      expect(complaints).toBe("");
      expect(printed).toBe(programs.find((program) => program.source === source)?.output);
    });
  });
