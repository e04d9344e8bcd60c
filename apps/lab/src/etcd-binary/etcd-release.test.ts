import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { etcdInCache } from "./etcd-in-cache.ts";
import { etcdRelease, PINNED_RELEASE } from "./etcd-release.ts";
import { openTestSearch, type TestSearch, writeEtcd } from "./fake-etcd.ts";

const signal = new AbortController().signal;
let here: TestSearch;

beforeEach(async () => {
  here = await openTestSearch();
});
afterEach(() => here[Symbol.asyncDispose]());

test("an archive with the pinned checksum is unpacked into the cache", async () => {
  const { archive, sha256 } = await packRelease("3.6.10");
  await using server = await serve(archive);
  const source = etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: sha256 } }, "x64");
  expect(await source(here.search, signal)).toMatchObject({ ok: true, value: { version: "3.6.10" } });
  expect(server.asked).toEqual(["/v3.6.10/etcd-v3.6.10-linux-amd64.tar.gz"]);
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: true });
});

test("any other archive is refused and nothing of it is kept", async () => {
  const { archive } = await packRelease("3.6.10");
  await using server = await serve(archive);
  const source = etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: "0".repeat(64) } }, "x64");
  expect(await source(here.search, signal)).toMatchObject({
    ok: false,
    error: expect.stringContaining("not the pinned"),
  });
  expect(await etcdInCache(here.search, signal)).toMatchObject({ ok: false });
});

test("a server that is not there is a reason, not an error", async () => {
  const source = etcdRelease({ version: "3.6.10", base: "http://127.0.0.1:9", sha256: { x64: "0".repeat(64) } }, "x64");
  expect(await source(here.search, signal)).toMatchObject({ ok: false });
});

test("an answer that is a redirect is followed, as the real place answers with one", async () => {
  const { archive, sha256 } = await packRelease("3.6.10");
  await using server = await serve((request, response) => {
    if (request.url === "/elsewhere") return response.end(archive);
    return response.writeHead(302, { location: "/elsewhere" }).end();
  });
  const source = etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: sha256 } }, "x64");
  expect(await source(here.search, signal)).toMatchObject({ ok: true });
});

test("a refused or broken download is a reason, and nothing of it is kept", async () => {
  const { sha256 } = await packRelease("3.6.10");
  const ask = async (answer: RequestListener) => {
    await using server = await serve(answer);
    return await etcdRelease({ version: "3.6.10", base: server.url, sha256: { x64: sha256 } }, "x64")(
      here.search,
      signal,
    );
  };
  expect(await ask((_request, response) => response.writeHead(404).end())).toMatchObject({
    ok: false,
    error: expect.stringContaining("answered 404"),
  });
  const broken = await ask((_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write("half", () => response.destroy());
  });
  expect(broken).toMatchObject({ ok: false });
  expect(existsSync(join(here.search.home.cache, "etcd"))).toBe(false);
});

test("an architecture without a pinned checksum is refused before anything is asked for", async () => {
  expect(await etcdRelease(undefined, "s390x")(here.search, signal)).toMatchObject({
    ok: false,
    error: "no pinned release for s390x",
  });
});

test("what is pinned is one release, with a checksum for each architecture that Quarterdeck runs on", () => {
  expect(PINNED_RELEASE.version).toBe("3.6.10");
  expect(new URL(PINNED_RELEASE.base).protocol).toBe("https:");
  expect(Object.keys(PINNED_RELEASE.sha256)).toEqual(["x64", "arm64"]);
  for (const sum of Object.values(PINNED_RELEASE.sha256)) expect(sum).toMatch(/^[0-9a-f]{64}$/);
});

async function packRelease(version: string): Promise<{ readonly archive: Buffer; readonly sha256: string }> {
  const name = `etcd-v${version}-linux-amd64`;
  await writeEtcd(join(here.folder, "pack", name), version);
  const archive = spawnSync("tar", ["-cz", "-C", join(here.folder, "pack"), name]).stdout;
  return { archive, sha256: createHash("sha256").update(archive).digest("hex") };
}

/** A server on this computer; `body` is what it sends, or how it answers. */
async function serve(
  body: Buffer | RequestListener,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    if (typeof body === "function") body(request, response);
    else response.end(body);
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
