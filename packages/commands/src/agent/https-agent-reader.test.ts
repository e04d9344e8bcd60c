import type { ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { keys, put } from "@quarterdeck/etcd";
import type { MachineId, UnitName } from "@quarterdeck/model";
import { createAuthority, profiles } from "@quarterdeck/pki";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, fakeContext, run } from "../testing/fake-context.ts";
import { clusterOf, HELLO, M1, M2, machine, presenceOf, state, unit, write } from "../testing/seed-cluster.ts";
import { createHttpsAgentReader } from "./https-agent-reader.ts";

const now = new Date();
const authority = await createAuthority("test", now);
const agent = await authority.issue(profiles.machine(M1, { ips: ["127.0.0.1"] }), { now });
const operator = await authority.issue(profiles.operator("test"), { now });
const stranger = await (await createAuthority("other", now)).issue(profiles.operator("test"), { now });
const tls = { ca: authority.cert, cert: operator.cert, key: operator.key };
const signal = AbortSignal.timeout(20_000);

let server: Server;
let port: number;
let asked: { readonly url: string; readonly by: string }[] = [];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer(
    { ca: authority.cert, cert: agent.cert, key: agent.key, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      asked.push({ url: request.url ?? "", by: String(subject.CN) });
      answer(response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const read = async (
  at: { readonly machine: MachineId; readonly port?: number },
  material = tls,
  follow = false,
): Promise<readonly string[]> => {
  asked = [];
  const reader = createHttpsAgentReader(material);
  return Array.fromAsync(
    reader.journal(
      { machine: at.machine, address: "127.0.0.1", port: at.port ?? port },
      { unit: "a@1.service" as UnitName, lines: 3, follow },
      signal,
    ),
  );
};

const entry = (message: string): string =>
  `${JSON.stringify({ at: "2026-11-24T00:00:00.000Z", message, priority: 6, identifier: "hello", pid: 7, cursor: "c" })}\n`;

test("entries become lines, whatever the pieces they arrive in, and we are who our certificate says", async () => {
  answer = (response) => {
    const bytes = Buffer.from(entry("größer\nals eins") + entry("two"));
    for (const byte of bytes) response.write(Buffer.of(byte));
    response.end();
  };
  expect(await read({ machine: M1 })).toEqual([
    "2026-11-24T00:00:00.000Z hello[7]: größer\n    als eins",
    "2026-11-24T00:00:00.000Z hello[7]: two",
  ]);
  expect(asked).toEqual([{ url: "/v1/journal?unit=a%401.service&lines=3", by: "operator:test" }]);
});

test("following is asked for", async () => {
  answer = (response) => void response.end(entry("x"));
  await read({ machine: M1 }, tls, true);
  expect(asked[0]?.url).toContain("follow=true");
});

test("time, pattern and format are asked for, and what comes in a format of journalctl's stays as it is", async () => {
  answer = (response) => void response.end(entry("x"));
  asked = [];
  const query = { unit: HELLO, lines: 0, follow: false, sinceSeconds: 7, grep: "a&b=c", format: "json" } as const;
  const at = { machine: M1, address: "127.0.0.1", port };
  const lines = await Array.fromAsync(createHttpsAgentReader(tls).journal(at, query, signal));
  expect(lines).toEqual([entry("x").trimEnd()]);
  expect(asked[0]?.url).toBe("/v1/journal?unit=hello.service&lines=0&since=7&grep=a%26b%3Dc&format=json");
});

test("a unit's status comes as the machine shows it", async () => {
  answer = (response) => void response.end("● hello.service\n     Active: active\n");
  asked = [];
  const at = { machine: M1, address: "127.0.0.1", port };
  expect(await createHttpsAgentReader(tls).status(at, { unit: HELLO, lines: 3 }, signal)).toBe(
    "● hello.service\n     Active: active",
  );
  expect(asked[0]?.url).toBe("/v1/status-text?unit=hello.service&lines=3");
});

test("another machine at that address is refused before anything is asked", async () => {
  await expect(read({ machine: M2 })).rejects.toMatchObject({
    code: "INVALID_CERTIFICATE",
    problem: { message: expect.stringContaining(`machine:${M1}`) },
  });
  expect(asked).toEqual([]);
});

test("a certificate of another authority is turned away", async () => {
  await expect(read({ machine: M1 }, { ...tls, cert: stranger.cert, key: stranger.key })).rejects.toMatchObject({
    code: "MACHINE_UNREACHABLE",
  });
  expect(asked).toEqual([]);
});

test.each([
  [404, JSON.stringify({ error: { code: "NOT_FOUND", message: "no unit a", try: "x" } }), "NOT_FOUND"],
  [403, "", "FORBIDDEN"],
  [404, "<html>", "NOT_FOUND"],
  [500, "{}", "MACHINE_UNREACHABLE"],
])("answer %i %j is %s", async (statusCode, body, code) => {
  answer = (response) => void response.writeHead(statusCode).end(body);
  await expect(read({ machine: M1 })).rejects.toMatchObject({ code });
});

test("nobody there is MACHINE_UNREACHABLE, in a command too", async () => {
  await expect(read({ machine: M1, port: 1 })).rejects.toMatchObject({ code: "MACHINE_UNREACHABLE" });
  const etcd = await clusterOf(machine(M1), unit(HELLO), state(M1, HELLO));
  await write(etcd, [put(keys.presence(M1), { ...presenceOf(M1), address: "127.0.0.1", agentPort: 1 })]);
  const { view } = await run(fakeContext(etcd, { agent: createHttpsAgentReader(tls) }), "journal", "hello.service");
  expect([view.exitCode, codeOf(view)]).toEqual([7, "MACHINE_UNREACHABLE"]);
});

test("reading stops when the caller has enough", async () => {
  answer = (response) => void response.write(entry("one"));
  const over = new AbortController();
  const lines: string[] = [];
  const reader = createHttpsAgentReader(tls);
  await expect(async () => {
    for await (const line of reader.journal(
      { machine: M1, address: "127.0.0.1", port },
      { unit: HELLO, lines: 1, follow: true },
      over.signal,
    )) {
      lines.push(line);
      over.abort();
    }
  }).rejects.toMatchObject({ name: "AbortError" });
  expect(lines).toHaveLength(1);
});
