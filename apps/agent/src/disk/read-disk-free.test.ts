import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDiskFree } from "./read-disk-free.ts";

test("free space is what df says", async () => {
  const said = execFileSync("df", ["--output=pcent", tmpdir()], { encoding: "utf8" });
  const used = Number(/(\d+)%/.exec(said)?.[1]);
  // df rounds up, and others write meanwhile.
  expect(Math.abs(100 - used - ((await readDiskFree(tmpdir())) ?? Number.NaN))).toBeLessThan(3);
});

test("a folder that is not there yet counts as where it would come to be", async () => {
  expect(await readDiskFree(join(tmpdir(), "nobody", "made", "this"))).toBeCloseTo(
    (await readDiskFree(tmpdir())) ?? -1,
    0,
  );
});
