import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { hashOf, UnitFiles } from "./unit-files.ts";

const unit = "web@1.service" as UnitName;
const TEXT = "[Service]\nExecStart=/bin/web\n";
const file = { text: TEXT, hash: hashOf(TEXT), dropIn: null };

async function stage() {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-files-"));
  const links = join(dir, "links");
  await mkdir(links);
  return {
    links,
    units: join(dir, "units"),
    files: new UnitFiles({ units: join(dir, "units"), links }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

test("what was written is listed, with its drop-in, and leaves nothing behind when removed", async () => {
  await using it = await stage();
  it.files.write(unit, { ...file, dropIn: "[Service]\nEnvironment=A=1\n" });
  expect([...it.files.list()]).toEqual([
    [unit, { text: TEXT, hash: file.hash, dropIn: "[Service]\nEnvironment=A=1\n", link: "ours" }],
  ]);
  expect((await stat(join(it.links, `${unit}.d`, "10-quarterdeck.conf"))).mode & 0o777).toBe(0o600);
  it.files.remove(unit);
  expect(it.files.list()).toEqual(new Map());
  expect([...(await readdir(it.links)), ...(await readdir(it.units))]).toEqual([]);
});

test("writing again replaces text and drop-in", async () => {
  await using it = await stage();
  it.files.write(unit, { ...file, dropIn: "[Service]\n" });
  it.files.write(unit, { text: `${TEXT}#2\n`, hash: hashOf(`${TEXT}#2\n`), dropIn: null });
  expect(it.files.list().get(unit)).toMatchObject({ text: `${TEXT}#2\n`, dropIn: null });
  expect(await readdir(it.links)).toEqual([unit]);
});

test("a text that is not what the hash says is refused, and nothing is written", async () => {
  await using it = await stage();
  expect(() => it.files.write(unit, { ...file, text: "[Service]\nExecStart=/bin/evil\n" })).toThrow(
    expect.objectContaining({ code: "ETCD_CORRUPT_VALUE" }),
  );
  expect(it.files.list()).toEqual(new Map());
});

test.each(["a file", "a link to elsewhere"])("%s where our link belongs is left alone", async (what) => {
  await using it = await stage();
  const place = join(it.links, unit);
  if (what === "a file") await writeFile(place, "somebody else's");
  else await symlink("/dev/null", place);
  expect(() => it.files.write(unit, file)).toThrow(expect.objectContaining({ code: "CONFLICT" }));
  expect(it.files.list().get(unit)?.link).toBe("taken");
  it.files.remove(unit);
  expect(await readdir(it.links)).toEqual([unit]);
});

test("drop-ins of others stay", async () => {
  await using it = await stage();
  it.files.write(unit, { ...file, dropIn: "[Service]\n" });
  await writeFile(join(it.links, `${unit}.d`, "50-admin.conf"), "[Service]\n");
  it.files.remove(unit);
  expect(await readdir(join(it.links, `${unit}.d`))).toEqual(["50-admin.conf"]);
});

test("what is no unit's name is not ours", async () => {
  await using it = await stage();
  it.files.write(unit, file);
  await writeFile(join(it.units, ".web@1.service.99"), "left by a killed agent");
  await writeFile(join(it.units, "notes.txt"), "");
  expect([...it.files.list().keys()]).toEqual([unit]);
  expect(await readFile(join(it.units, unit), "utf8")).toBe(TEXT);
});
