import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fillCacheSlot } from "./cache-slot.ts";

let cache = "";
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "qd-cache-"));
});
afterEach(() => rm(cache, { recursive: true }));

const fillWith = (text: string) => (dir: string) => writeFile(join(dir, "file"), text);

test("what is there is not made again", async () => {
  await fillCacheSlot(join(cache, "a"), fillWith("first"));
  await fillCacheSlot(join(cache, "a"), fillWith("second"));
  expect(await readFile(join(cache, "a/file"), "utf8")).toBe("first");
});

test("a failure leaves nothing that could be taken for the thing", async () => {
  await expect(fillCacheSlot(join(cache, "a"), () => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
  expect(await readdir(cache)).toEqual([]);
});

test("when another maker was quicker, its work stays", async () => {
  await fillCacheSlot(join(cache, "a"), async (dir) => {
    await mkdir(join(cache, "a"));
    await writeFile(join(cache, "a/file"), "theirs");
    await writeFile(join(dir, "file"), "ours");
  });
  expect(await readFile(join(cache, "a/file"), "utf8")).toBe("theirs");
  expect(await readdir(cache)).toEqual(["a"]);
});

test("what a killed maker left is removed, what a living one works on is not", async () => {
  await mkdir(join(cache, "a.making-999999999"));
  await mkdir(join(cache, `a.making-${process.ppid}`));
  await fillCacheSlot(join(cache, "a"), fillWith("x"));
  expect((await readdir(cache)).toSorted()).toEqual(["a", `a.making-${process.ppid}`]);
});
