import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { probe } from "./probe.ts";

const signal = AbortSignal.timeout(20_000);

async function listen(server: Server): Promise<AsyncDisposable & { port: number }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: async () => void server.close() };
}

const http = (port: number, path = "/") => ({ kind: "http", tls: false, host: "127.0.0.1", port, path }) as const;

test.each([
  [200, true],
  [302, true],
  [404, false],
  [503, false],
])("HTTP %i is %s, and definite", async (status, ok) => {
  await using server = await listen(createServer((_, response) => response.writeHead(status).end("body")));
  expect(await probe(http(server.port, "/healthz"), 2000, signal)).toEqual({
    ok,
    definite: true,
    detail: `HTTP ${status} from http://127.0.0.1:${server.port}/healthz`,
  });
});

test("a port that nobody listens on is no definite answer", async () => {
  await using server = await listen(createTcpServer());
  const { port } = server;
  await server[Symbol.asyncDispose]();
  expect(await probe({ kind: "tcp", host: "127.0.0.1", port }, 2000, signal)).toEqual({
    ok: false,
    definite: false,
    detail: `tcp://127.0.0.1:${port}: ECONNREFUSED`,
  });
});

test("an open port is well for tcp", async () => {
  await using server = await listen(createTcpServer());
  expect(await probe({ kind: "tcp", host: "127.0.0.1", port: server.port }, 2000, signal)).toMatchObject({ ok: true });
});

test.each([
  [250, "0.25 s"],
  [500, "0.5 s"],
])("who does not answer within %i ms is not well", async (timeoutMs, within) => {
  await using server = await listen(createTcpServer());
  expect(await probe(http(server.port), timeoutMs, signal)).toEqual({
    ok: false,
    definite: false,
    detail: `no answer from http://127.0.0.1:${server.port}/ within ${within}`,
  });
});

test("an aborted question rejects", async () => {
  await expect(probe(http(1), 2000, AbortSignal.abort(new Error("stop")))).rejects.toThrow("stop");
});

test("a program that does not end within two seconds is killed, with what it started, and is not well", async () => {
  const dir = await mkdtemp(join(tmpdir(), "quarterdeck-probe-"));
  try {
    const script = `sleep 60 & echo $! > ${dir}/pid; wait`;
    expect(await probe({ kind: "exec", argv: ["/bin/sh", "-c", script] }, 2000, signal)).toMatchObject({
      ok: false,
      detail: expect.stringContaining("within 2 s") as string,
    });
    const pid = Number(await readFile(join(dir, "pid"), "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test("systemd's word is enough for a unit that asks for no more", async () => {
  expect(await probe({ kind: "systemd" }, 2000, signal)).toMatchObject({ ok: true, definite: true });
});

/** A zombie of a parent that is gone does not count. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !/\) [ZX] /.test(status);
}
