import { request } from "node:https";
import { createLogger } from "@quarterdeck/daemon";
import { CodedError, type MachineId } from "@quarterdeck/model";
import { createAuthority, profiles, type Authority, type Profile } from "@quarterdeck/pki";
import { beforeAll, expect, test } from "vitest";
import type { AgentReads } from "./handle-request.ts";
import { serveHttp } from "./serve-http.ts";

const MACHINE = "a".repeat(32) as MachineId;
const now = new Date();
const log = createLogger("test");
log.level = "silent";
let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority("agent test", now);
});

const METRICS = { contentType: "text/plain; version=0.0.4; charset=utf-8", text: "quarterdeck_etcd_calls_total 1\n" };

const reads: AgentReads = {
  health: () => ({ machine: MACHINE }),
  metrics: () => Promise.resolve(METRICS),
  status: (unit) => Promise.resolve({ unit }),
  statusText: (unit, lines) => Promise.resolve(`● ${unit} ${lines}`),
  async *journal({ unit, lines, follow, sinceSeconds, grep, format }, signal) {
    if (unit === "broken.service") throw new CodedError("FAILED", { message: "journalctl failed" });
    yield JSON.stringify({ unit, lines, follow, sinceSeconds, grep, format });
    if (follow)
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  },
};

async function serve(answers: AgentReads = reads) {
  const { cert, key } = await authority.issue(profiles.machine(MACHINE, { ips: ["127.0.0.1"] }), { now });
  return serveHttp({ port: 0, address: null, tls: { ca: authority.cert, cert, key }, reads: answers, log });
}

async function get(
  port: number,
  path: string,
  profile: Profile | null,
  method = "GET",
): Promise<{ status: number; body: unknown }> {
  const identity = profile === null ? {} : await authority.issue(profile, { now });
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, path, method, ca: authority.cert, agent: false, ...identity },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const contentType = response.headers["content-type"] ?? "";
          const body: unknown = contentType.includes("json") ? JSON.parse(text) : { contentType, text };
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

test.each([
  ["an operator", profiles.operator("anna")],
  ["the bot", profiles.bot()],
  ["the engine", profiles.engine()],
  ["root", profiles.root()],
])("%s may read", async (_, profile) => {
  await using server = await serve();
  expect(await get(server.port, "/v1/health", profile)).toEqual({ status: 200, body: { machine: MACHINE } });
});

test("another machine may not", async () => {
  await using server = await serve();
  const other = profiles.machine("b".repeat(32) as MachineId, { ips: ["127.0.0.1"] });
  expect(await get(server.port, "/v1/health", other)).toMatchObject({
    status: 403,
    body: { error: { code: "FORBIDDEN" } },
  });
});

test("fleet #1243: without a certificate there is no connection", async () => {
  await using server = await serve();
  await expect(get(server.port, "/v1/health", null)).rejects.toThrow();
});

test("a journal is one object a line, of what was asked for and no more", async () => {
  await using server = await serve();
  expect(await get(server.port, "/v1/journal?unit=web@1.service&lines=5", profiles.bot())).toEqual({
    status: 200,
    body: { unit: "web@1.service", lines: 5, follow: false, sinceSeconds: null, grep: null, format: null },
  });
  const grep = encodeURIComponent("--output=cat $(reboot); rm -rf /");
  const asked = `/v1/journal?unit=web.service&lines=0&since=1700000000&format=json&grep=${grep}`;
  expect(await get(server.port, asked, profiles.bot())).toMatchObject({
    body: { lines: 0, sinceSeconds: 1_700_000_000, grep: "--output=cat $(reboot); rm -rf /", format: "json" },
  });
});

test("a journal in a format of journalctl's, and a unit's status, are plain text", async () => {
  await using server = await serve();
  expect(await get(server.port, "/v1/journal?unit=web.service&format=short-iso", profiles.bot())).toMatchObject({
    body: { contentType: "text/plain; charset=utf-8", text: expect.stringContaining("short-iso") as string },
  });
  expect(await get(server.port, "/v1/status-text?unit=web.service&lines=3", profiles.bot())).toMatchObject({
    body: { contentType: "text/plain; charset=utf-8", text: "● web.service 3" },
  });
});

test("a reader that stops reading stops the journal, and nobody else; when it goes the journal is let go of", async () => {
  const line = "x".repeat(64 * 1024);
  let given = 0;
  let ended = false;
  await using server = await serve({
    ...reads,
    async *journal() {
      try {
        for (;;) {
          given += 1;
          yield line;
        }
      } finally {
        ended = true;
      }
    },
  });
  const identity = await authority.issue(profiles.bot(), { now });
  const asked = request({
    host: "127.0.0.1",
    port: server.port,
    path: "/v1/journal?unit=web.service&follow=true",
    ca: authority.cert,
    agent: false,
    ...identity,
  });
  asked.on("error", () => undefined);
  // Nobody listens for its data, so it stays where it is.
  asked.on("response", (response) => response.pause());
  asked.end();
  await expect.poll(() => given).toBeGreaterThan(0);
  let before = -1;
  await expect
    .poll(() => {
      const still = given === before;
      before = given;
      return still;
    })
    .toBe(true);
  // What the kernel's buffers take, and no more.
  expect(given).toBeLessThan(512);
  expect(await get(server.port, "/v1/health", profiles.bot())).toMatchObject({ status: 200 });
  expect(ended).toBe(false);
  asked.destroy();
  await expect.poll(() => ended).toBe(true);
});

test("metrics are text for those who may read, and for nobody else", async () => {
  await using server = await serve();
  expect(await get(server.port, "/metrics", profiles.operator("prometheus"))).toEqual({ status: 200, body: METRICS });
  const other = profiles.machine("b".repeat(32) as MachineId, { ips: ["127.0.0.1"] });
  expect(await get(server.port, "/metrics", other)).toMatchObject({ status: 403 });
});

test("a journal that cannot be read is an error with its code", async () => {
  await using server = await serve();
  expect(await get(server.port, "/v1/journal?unit=broken.service", profiles.bot())).toMatchObject({
    status: 500,
    body: { error: { code: "FAILED" } },
  });
});

test.each([
  ["/v1/journal?unit=--output%3Dcat", 400, "INVALID_NAME"],
  ["/v1/journal", 400, "INVALID_NAME"],
  ["/v1/status?unit=../../etc/passwd", 400, "INVALID_NAME"],
  ["/v1/journal?unit=web.service&lines=-1", 400, "USAGE"],
  ["/v1/journal?unit=web.service&lines=999999", 400, "USAGE"],
  ["/v1/journal?unit=web.service&since=yesterday", 400, "USAGE"],
  ["/v1/journal?unit=web.service&since=-1", 400, "USAGE"],
  ["/v1/journal?unit=web.service&format=export", 400, "USAGE"],
  ["/v1/journal?unit=web.service&format=", 400, "USAGE"],
  ["/v1/journal?unit=web.service&grep=", 400, "USAGE"],
  ["/v1/journal?unit=web.service&grep=a%0Ab", 400, "USAGE"],
  ["/v1/journal?unit=web.service&grep=a%00b", 400, "USAGE"],
  [`/v1/journal?unit=web.service&grep=${"a".repeat(201)}`, 400, "USAGE"],
  ["/v1/status-text?unit=--help", 400, "INVALID_NAME"],
  ["/v1/status-text?unit=web.service&lines=9999", 400, "USAGE"],
  ["/", 404, "NOT_FOUND"],
])("%s is refused with %i %s", async (path, status, code) => {
  await using server = await serve();
  expect(await get(server.port, path, profiles.bot())).toMatchObject({ status, body: { error: { code } } });
});

test("nothing but GET is answered", async () => {
  await using server = await serve();
  expect(await get(server.port, "/v1/health", profiles.bot(), "POST")).toMatchObject({ status: 405 });
});
