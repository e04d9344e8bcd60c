import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSeed } from "./read-seed.ts";
import { everything, HELLO_TEXT } from "./testing/facts.ts";

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "quarterdeck-seed-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "units"));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  return folder;
}

const seed = (file: string): string =>
  JSON.stringify({ v: 1, units: [{ name: "hello.service", file, target: "inactive" }] });

test("a machine without a seed has none", async () => {
  expect(await readSeed(await folderOf({}))).toBeNull();
});

test("policy, list and texts are read", async () => {
  const folder = await folderOf({
    "seed.json": seed("hello.service"),
    "policy.json": JSON.stringify(everything),
    "units/hello.service": HELLO_TEXT,
  });
  expect(await readSeed(folder)).toMatchObject({ policy: everything, texts: new Map([["hello.service", HELLO_TEXT]]) });
});

test.each([
  ["no policy", { "seed.json": seed("hello.service") }, "it is missing"],
  ["a policy that is not JSON", { "seed.json": seed("hello.service"), "policy.json": "{" }, "it is not JSON"],
  ["a list of another shape", { "seed.json": '{"v":1}', "policy.json": JSON.stringify(everything) }, "seed.json"],
  [
    "a file outside of the folder",
    { "seed.json": seed("../../etc/passwd"), "policy.json": JSON.stringify(everything) },
    "plain file name",
  ],
])("%s is refused by name", async (_, files, message) => {
  await expect(folderOf(files).then(readSeed)).rejects.toMatchObject({
    code: "INVALID_CONFIG",
    message: expect.stringContaining(message) as unknown,
  });
});
