import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readUnitFile } from "./read-unit-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fleet-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("a file is read as it is, relative to the working directory", async () => {
  await writeFile(join(folder, "a.service"), "[Unit]\r\nDescription=größer\n");
  expect(await readUnitFile(folder, "./a.service")).toBe("[Unit]\r\nDescription=größer\n");
});

test("what is not a file is no file", async () => {
  await mkdir(join(folder, "b.service"));
  expect(await readUnitFile(folder, "a.service")).toBeNull();
  expect(await readUnitFile(folder, "b.service")).toBeNull();
  expect(await readUnitFile(folder, `${"x".repeat(5000)}.service`)).toBeNull();
});

test("a file that is too large, or not UTF-8, is refused", async () => {
  await writeFile(join(folder, "a.service"), "x".repeat(262_145));
  await expect(readUnitFile(folder, "a.service")).rejects.toMatchObject({ code: "INVALID_UNIT" });
  await writeFile(join(folder, "a.service"), Buffer.of(0xff, 0xfe, 0));
  await expect(readUnitFile(folder, "a.service")).rejects.toMatchObject({ code: "INVALID_UNIT" });
});
