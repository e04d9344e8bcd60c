import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockHolder, takeLock } from "./lock.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qd-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a second taker is told who holds the lock", async () => {
  const path = join(folder, "lock");
  await using _held = await takeLock(path);
  expect(await lockHolder(path)).toBe(process.pid);
  await expect(takeLock(path)).rejects.toMatchObject({ code: "ALREADY_RUNNING", exitCode: 8 });
});

test("a lock whose process is gone, or is another by now, is taken over", async () => {
  const path = join(folder, "lock");
  await writeFile(path, JSON.stringify({ pid: process.pid, startTicks: "1", since: "2026-01-01T00:00:00Z" }));
  expect(await lockHolder(path)).toBeNull();
  await using _held = await takeLock(path);
  expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ pid: process.pid });
});

test("a lock cut short names nobody and is taken over", async () => {
  const path = join(folder, "lock");
  await writeFile(path, '{"pid": 1');
  await using _held = await takeLock(path);
  expect(await lockHolder(path)).toBe(process.pid);
});
