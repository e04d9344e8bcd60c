import { readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureEtcd, ETCD_SOURCES } from "./ensure-etcd.ts";
import { etcdFromDebian } from "./etcd-from-debian.ts";
import { etcdInCache } from "./etcd-in-cache.ts";
import { etcdOnPath } from "./etcd-on-path.ts";
import type { EtcdSource } from "./etcd-source.ts";
import { openTestSearch, type TestSearch, writeEtcd, writeProgram } from "./fake-etcd.ts";

const signal = new AbortController().signal;
let here: TestSearch;

beforeEach(async () => {
  here = await openTestSearch();
});
afterEach(() => here[Symbol.asyncDispose]());

test("PATH: an etcd that is new enough is copied with what stands beside it", async () => {
  await writeEtcd(here.path, "3.5.21");
  const found = await etcdOnPath(here.search, signal);
  expect(found).toMatchObject({ ok: true, value: { version: "3.5.21" } });
  if (found.ok) expect(await readFile(join(found.value.dir, "etcdctl"), "utf8")).toContain("3.5.21");
});

test("PATH: an upgraded etcd is copied anew", async () => {
  await writeEtcd(here.path, "3.5.21");
  await etcdOnPath(here.search, signal);
  await writeEtcd(here.path, "3.6.1");
  const found = await etcdOnPath(here.search, signal);
  if (found.ok) expect(await readFile(join(found.value.dir, "etcd"), "utf8")).toContain("3.6.1");
  expect(found).toMatchObject({ ok: true, value: { version: "3.6.1" } });
});

test("PATH: one that is too old, or without etcdctl, is refused with the reason", async () => {
  await writeEtcd(here.path, "3.4.23");
  expect(await etcdOnPath(here.search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("older than 3.5"),
  });
  await writeEtcd(here.path, "3.6.0");
  await rm(join(here.path, "etcdctl"));
  expect(await etcdOnPath(here.search, signal)).toMatchObject({ ok: false, error: expect.stringContaining("etcdctl") });
});

test("PATH: one that does not run is refused, and so is one that says no version", async () => {
  await writeProgram(join(here.path, "etcd"), "exit 1");
  expect(await etcdOnPath(here.search, signal)).toMatchObject({ ok: false, error: expect.stringContaining("version") });
  await writeProgram(join(here.path, "etcd"), "echo hello");
  expect(await etcdOnPath(here.search, signal)).toMatchObject({ ok: false, error: expect.stringContaining("version") });
});

test("PATH: a relative entry is not searched, for it means another folder tomorrow", async () => {
  await writeEtcd(here.path, "3.6.1");
  const environment = { PATH: relative(process.cwd(), here.path) };
  expect(await etcdOnPath({ ...here.search, environment }, signal)).toMatchObject({ ok: false });
});

test("cache: what an earlier start left is taken", async () => {
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: false });
  await writeEtcd(join(here.search.home.cache, "etcd"), "3.6.16");
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: true, value: { version: "3.6.16" } });
});

test("cache: one that is too old, or does not run, is refused", async () => {
  const dir = join(here.search.home.cache, "etcd");
  await writeEtcd(dir, "3.4.23");
  expect(await etcdInCache(here.search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("older than 3.5"),
  });
  await writeProgram(join(dir, "etcd"), "exit 126");
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: false });
});

test("Debian: the last resort is loud and does not pass for a good cached one", async () => {
  const source = etcdFromDebian((_packages, dir) => writeEtcd(join(dir, "usr/bin"), "3.4.23"));
  expect(await source(here.search, signal)).toMatchObject({ ok: true, value: { version: "3.4.23" } });
  expect(here.said.join("\n")).toContain("WARNING");
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: false });
  here.said.length = 0;
  expect(await etcdFromDebian(() => Promise.reject(new Error("asked twice")))(here.search, signal)).toMatchObject({
    ok: true,
  });
  expect(here.said.join("\n")).toContain("WARNING");
});

test("Debian: server and client are asked for, and the warning says what is wrong and what to do", async () => {
  const asked: string[] = [];
  const source = etcdFromDebian((packages, dir) => {
    asked.push(...packages);
    return writeEtcd(join(dir, "usr/bin"), "3.4.23");
  });
  expect(await source(here.search, signal)).toMatchObject({
    ok: true,
    value: { origin: "Debian's package, out of support" },
  });
  expect(asked).toEqual(["etcd-server", "etcd-client"]);
  const warning = here.said.join("\n");
  expect(warning).toContain("WARNING: etcd 3.4.23 from Debian is in use");
  expect(warning).toContain("out of support and has known security holes");
  expect(warning).toContain("Install Go >= 1.25 or etcd >= 3.5");
});

test("Debian: packages that cannot be had are a reason, and nothing half-made stays", async () => {
  const source = etcdFromDebian(() => Promise.reject(new Error("no network")));
  expect(await source(here.search, signal)).toMatchObject({ ok: false });
  expect(await readdir(here.search.home.cache)).toEqual([]);
  expect(here.said).toEqual([]);
});

test("what the operator installed comes first, then what is here, and Debian's old one last", () => {
  expect(ETCD_SOURCES.slice(0, 2)).toEqual([etcdOnPath, etcdInCache]);
  expect(ETCD_SOURCES).toHaveLength(5);
});

test("the first source that has one wins, and is named", async () => {
  const has =
    (version: string): EtcdSource =>
    () =>
      Promise.resolve({ ok: true, value: { dir: "/d", version, origin: "here" } });
  const lacks: EtcdSource = () => Promise.resolve({ ok: false, error: "not there" });
  expect(await ensureEtcd(here.search, [lacks, has("3.6.1"), has("3.5.1")], signal)).toMatchObject({
    version: "3.6.1",
  });
  expect(here.said).toEqual(["etcd 3.6.1 from here"]);
  await expect(ensureEtcd(here.search, [lacks, lacks], signal)).rejects.toMatchObject({
    code: "LAB_FAILED",
    problem: { why: "not there; not there" },
  });
});
