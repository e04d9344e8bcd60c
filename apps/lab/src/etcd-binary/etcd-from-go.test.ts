import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { etcdFromGo } from "./etcd-from-go.ts";
import { etcdInCache } from "./etcd-in-cache.ts";
import { openTestSearch, type TestSearch, writeProgram } from "./fake-etcd.ts";

const signal = new AbortController().signal;
let here: TestSearch;

beforeEach(async () => {
  here = await openTestSearch();
});
afterEach(() => here[Symbol.asyncDispose]());

test("the three programs are built, each from its module, and cached", async () => {
  // A stand-in for the compiler: after `-o` come the folder and the modules to build into it, by their last part that is no version.
  const script =
    'case "$1" in version) echo "go version go1.26.8 linux/amd64";; build) out="$6"; shift 6; for path in "$@"; do name="${path%/v3}"; file="$out${name##*/}"; printf "#!/bin/sh\\necho etcd Version: 3.6.16 # %s\\n" "$path" > "$file"; /bin/chmod +x "$file"; done;; esac';
  await writeProgram(join(here.path, "go"), script);
  const environment = { PATH: `${here.path}:/usr/bin:/bin` };
  const found = await etcdFromGo("/nonexistent")({ ...here.search, environment }, signal);
  expect(found).toMatchObject({ ok: true, value: { version: "3.6.16" } });
  for (const [name, path] of [
    ["etcd", "server"],
    ["etcdctl", "etcdctl"],
    ["etcdutl", "etcdutl"],
  ] as const)
    expect(await readFile(join(here.search.home.cache, "etcd", name), "utf8")).toContain(`go.etcd.io/etcd/${path}/v3`);
});

test("the module file pins one version of all three, and nobody's caches or flags are used", async () => {
  const seen = join(here.folder, "seen");
  // Notes what it was given, then fails, as a compiler may.
  await writeProgram(
    join(here.path, "go"),
    `case "$1" in version) echo "go version go1.26.8 linux/amd64";; build) cat go.mod > ${seen}; env >> ${seen}; echo "no such module" >&2; exit 1;; esac`,
  );
  const environment = { PATH: `${here.path}:/usr/bin:/bin`, GOFLAGS: "-mod=vendor", GOTOOLCHAIN: "auto" };
  expect(await etcdFromGo("/nonexistent")({ ...here.search, environment }, signal)).toMatchObject({
    ok: false,
    error: expect.stringMatching(/go build failed: .*no such module/),
  });
  const lines = (await readFile(seen, "utf8")).split("\n").map((line) => line.trim());
  expect(lines.filter((line) => line.startsWith("go.etcd.io/"))).toEqual([
    "go.etcd.io/etcd/server/v3 v3.6.16",
    "go.etcd.io/etcd/etcdctl/v3 v3.6.16",
    "go.etcd.io/etcd/etcdutl/v3 v3.6.16",
  ]);
  expect(lines).toEqual(
    expect.arrayContaining([
      "go 1.25",
      "GOTOOLCHAIN=local",
      "GOWORK=off",
      "GOFLAGS=-mod=mod -modcacherw",
      `GOMODCACHE=${join(here.search.home.cache, "etcd-build/mod")}`,
      `GOCACHE=${join(here.search.home.cache, "etcd-build/cache")}`,
      `GOTMPDIR=${join(here.search.home.cache, "etcd-build/tmp")}`,
    ]),
  );
  // The checksums of the modules are verified: nothing here turns that off.
  expect(lines.some((line) => /^(?:GONOSUMDB|GONOSUMCHECK|GOFLAGS=.*insecure|GOSUMDB=off)/.test(line))).toBe(false);
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: false });
});

test("none, or one that is too old, is refused", async () => {
  expect(await etcdFromGo("/nonexistent")(here.search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("no Go"),
  });
  await writeProgram(join(here.path, "go"), 'echo "go version go1.19.8 linux/amd64"');
  expect(await etcdFromGo("/nonexistent")(here.search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("older than 1.25"),
  });
});
