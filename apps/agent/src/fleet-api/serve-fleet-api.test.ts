import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createLogger } from "@quarterdeck/daemon";
import { CodedError } from "@quarterdeck/model";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RecentStops } from "./recent-stops.ts";
import { serveFleetApi } from "./serve-fleet-api.ts";

const log = createLogger("test");
log.level = "silent";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "qd-fleet-api-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A server whose cluster cannot be had for the reason given. */
function serve(error: Error, secure: (path: string) => Promise<void> = () => Promise.resolve()) {
  const path = join(folder, "fleet.sock");
  const api = {
    cluster: () => Promise.reject(error),
    stops: new RecentStops(() => 0),
    metrics: () => Promise.reject(error),
  };
  return serveFleetApi({ api, listeners: [{ kind: "socket", path, secure }], log });
}

async function send(lines: string): Promise<string> {
  const socket = connect(join(folder, "fleet.sock"));
  socket.end(lines);
  return text(socket);
}

const get = (path: string) => send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

test.each([
  ["ETCD_UNREACHABLE", 503, "fleet server unable to communicate with etcd"],
  ["TIMED_OUT", 503, "TIMED_OUT: it is so; because; try: this"],
  ["FORBIDDEN", 403, "FORBIDDEN: it is so; because; try: this"],
  ["ENGINE_OWNED", 403, "ENGINE_OWNED: it is so; because; try: this"],
  ["CONFLICT", 409, "CONFLICT: it is so; because; try: this"],
  ["NOT_FOUND", 404, "NOT_FOUND: it is so; because; try: this"],
  ["INVALID_UNIT", 400, "INVALID_UNIT: it is so; because; try: this"],
  ["INVALID_CERTIFICATE", 500, "INVALID_CERTIFICATE: it is so; because; try: this"],
  ["INTERNAL", 500, "INTERNAL: it is so; because; try: this"],
] as const)("%s is %i, in fleet's body of an error", async (code, status, message) => {
  await using _server = await serve(new CodedError(code, { message: "it is so", why: "because", try: "this" }));
  const reply = await get("/fleet/v1/units");
  expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(reply).toContain(JSON.stringify({ error: { code: status, message } }));
});

test("what needs no cluster is answered without one", async () => {
  await using _server = await serve(new CodedError("ETCD_UNREACHABLE", { message: "etcd does not answer" }));
  expect(await get("/fleet/v1/discovery")).toMatch(/^HTTP\/1.1 200 /);
});

test("the socket that a killed agent left is taken over, and gone after the end", async () => {
  await writeFile(join(folder, "fleet.sock"), "left behind");
  const server = await serve(new CodedError("INTERNAL", { message: "none" }));
  expect((await stat(join(folder, "fleet.sock"))).isSocket()).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(existsSync(join(folder, "fleet.sock"))).toBe(false);
});

test("a socket that cannot be secured is not served", async () => {
  const failure = new Error("no such group");
  await expect(serve(failure, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(existsSync(join(folder, "fleet.sock"))).toBe(false);
});

test("what is no HTTP is answered by 400 and ends nothing", async () => {
  await using _server = await serve(new CodedError("INTERNAL", { message: "none" }));
  expect(await send("nonsense\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
  expect(await get("/")).toMatch(/^HTTP\/1.1 405 /);
});
