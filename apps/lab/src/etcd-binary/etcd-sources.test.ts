import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { labHome } from "../home.ts";
import { createProgress } from "../progress.ts";
import { ensureEtcd } from "./ensure-etcd.ts";
import { etcdFromDebian } from "./etcd-from-debian.ts";
import { etcdFromGo, parseGoVersion } from "./etcd-from-go.ts";
import { etcdInCache } from "./etcd-in-cache.ts";
import { etcdOnPath } from "./etcd-on-path.ts";
import { etcdRelease } from "./etcd-release.ts";
import type { EtcdSearch, EtcdSource } from "./etcd-source.ts";

const signal = new AbortController().signal;
let folder = "";
let said: string[] = [];
let search: EtcdSearch;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qd-etcd-"));
  said = [];
  search = {
    home: labHome(join(folder, "home")),
    progress: createProgress((line) => said.push(line)),
    environment: { PATH: join(folder, "path") },
  };
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that answers `--version` as etcd does. */
async function writeEtcd(dir: string, version: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of ["etcd", "etcdctl", "etcdutl"])
    await writeProgram(join(dir, name), `echo "etcd Version: ${version}"`);
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

test("PATH: an etcd that is new enough is copied with what stands beside it", async () => {
  await writeEtcd(join(folder, "path"), "3.5.21");
  const found = await etcdOnPath(search, signal);
  expect(found).toMatchObject({ ok: true, value: { version: "3.5.21" } });
  if (found.ok) expect(await readFile(join(found.value.dir, "etcdctl"), "utf8")).toContain("3.5.21");
});

test("PATH: an upgraded etcd is copied anew", async () => {
  await writeEtcd(join(folder, "path"), "3.5.21");
  await etcdOnPath(search, signal);
  await writeEtcd(join(folder, "path"), "3.6.1");
  const found = await etcdOnPath(search, signal);
  if (found.ok) expect(await readFile(join(found.value.dir, "etcd"), "utf8")).toContain("3.6.1");
  expect(found).toMatchObject({ ok: true, value: { version: "3.6.1" } });
});

test("PATH: one that is too old, or without etcdctl, is refused with the reason", async () => {
  await writeEtcd(join(folder, "path"), "3.4.23");
  expect(await etcdOnPath(search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("older than 3.5"),
  });
  await writeEtcd(join(folder, "path"), "3.6.0");
  await rm(join(folder, "path/etcdctl"));
  expect(await etcdOnPath(search, signal)).toMatchObject({ ok: false, error: expect.stringContaining("etcdctl") });
});

test("cache: what an earlier start left is taken", async () => {
  expect(await etcdInCache(search, signal)).toMatchObject({ ok: false });
  await writeEtcd(join(search.home.cache, "etcd"), "3.6.16");
  expect(await etcdInCache(search, signal)).toMatchObject({ ok: true, value: { version: "3.6.16" } });
});

test("release: an archive with the pinned checksum is unpacked into the cache", async () => {
  const { archive, sha256 } = await packRelease("3.6.10");
  await using server = await serve(archive);
  const source = etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: sha256 } }, "x64");
  expect(await source(search, signal)).toMatchObject({ ok: true, value: { version: "3.6.10" } });
  expect(server.asked).toEqual(["/v3.6.10/etcd-v3.6.10-linux-amd64.tar.gz"]);
  expect(await etcdInCache(search, signal)).toMatchObject({ ok: true });
});

test("release: any other archive is refused and nothing of it is kept", async () => {
  const { archive } = await packRelease("3.6.10");
  await using server = await serve(archive);
  const source = etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: "0".repeat(64) } }, "x64");
  expect(await source(search, signal)).toMatchObject({ ok: false, error: expect.stringContaining("not the pinned") });
  expect(await etcdInCache(search, signal)).toMatchObject({ ok: false });
});

test("release: a server that is not there is a reason, not an error", async () => {
  const source = etcdRelease({ version: "3.6.10", base: "http://127.0.0.1:9", sha256: { x64: "0".repeat(64) } }, "x64");
  expect(await source(search, signal)).toMatchObject({ ok: false });
});

test("Go: the three programs are built, each from its module, and cached", async () => {
  // A stand-in for the compiler: writes what it is asked to build to the file it is told.
  const script =
    'case "$1" in version) echo "go version go1.26.8 linux/amd64";; build) printf "#!/bin/sh\\necho etcd Version: 3.6.16 # %s\\n" "$6" > "$5"; /bin/chmod +x "$5";; esac';
  await mkdir(join(folder, "path"), { recursive: true });
  await writeProgram(join(folder, "path/go"), script);
  const environment = { PATH: `${join(folder, "path")}:/usr/bin:/bin` };
  const found = await etcdFromGo("/nonexistent")({ ...search, environment }, signal);
  expect(found).toMatchObject({ ok: true, value: { version: "3.6.16" } });
  expect(await readFile(join(search.home.cache, "etcd/etcdutl"), "utf8")).toContain("go.etcd.io/etcd/etcdutl/v3");
});

test("Go: none, or one that is too old, is refused", async () => {
  expect(await etcdFromGo("/nonexistent")(search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("no Go"),
  });
  await mkdir(join(folder, "path"), { recursive: true });
  await writeProgram(join(folder, "path/go"), 'echo "go version go1.19.8 linux/amd64"');
  expect(await etcdFromGo("/nonexistent")(search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("older than 1.25"),
  });
});

test.each([
  ["go version go1.26.8 linux/amd64", [1, 26]],
  ["go version go1.25rc1 linux/arm64", [1, 25]],
  ["nonsense", null],
])("Go's version is read from %j", (text, version) => {
  expect(parseGoVersion(text)).toEqual(version);
});

test("Debian: the last resort is loud and does not pass for a good cached one", async () => {
  const source = etcdFromDebian((_packages, dir) => writeEtcd(join(dir, "usr/bin"), "3.4.23"));
  expect(await source(search, signal)).toMatchObject({ ok: true, value: { version: "3.4.23" } });
  expect(said.join("\n")).toContain("WARNING");
  expect(await etcdInCache(search, signal)).toMatchObject({ ok: false });
  said = [];
  expect(await etcdFromDebian(() => Promise.reject(new Error("asked twice")))(search, signal)).toMatchObject({
    ok: true,
  });
  expect(said.join("\n")).toContain("WARNING");
});

test("the first source that has one wins, and is named", async () => {
  const has =
    (version: string): EtcdSource =>
    () =>
      Promise.resolve({ ok: true, value: { dir: "/d", version, origin: "here" } });
  const lacks: EtcdSource = () => Promise.resolve({ ok: false, error: "not there" });
  expect(await ensureEtcd(search, [lacks, has("3.6.1"), has("3.5.1")], signal)).toMatchObject({ version: "3.6.1" });
  expect(said).toEqual(["etcd 3.6.1 from here"]);
  await expect(ensureEtcd(search, [lacks, lacks], signal)).rejects.toMatchObject({
    code: "LAB_FAILED",
    problem: { why: "not there; not there" },
  });
});

async function packRelease(version: string): Promise<{ readonly archive: Buffer; readonly sha256: string }> {
  const name = `etcd-v${version}-linux-amd64`;
  await writeEtcd(join(folder, "pack", name), version);
  const archive = spawnSync("tar", ["-cz", "-C", join(folder, "pack"), name]).stdout;
  return { archive, sha256: createHash("sha256").update(archive).digest("hex") };
}

async function serve(
  body: Buffer,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
