import { request } from "node:https";
import { connect } from "node:tls";
import { CodedError, type MachineId } from "@quarterdeck/model";
import { createAuthority, profiles, type Authority, type Profile } from "@quarterdeck/pki";
import { beforeAll, expect, test } from "vitest";
import type { EngineLog } from "../ports.ts";
import { GRANTED, refusal } from "./fleet-lock-answer.ts";
import { serveFleetLock, type FleetLockOptions } from "./serve-fleet-lock.ts";

const MACHINE = "a".repeat(32) as MachineId;
const now = new Date();
const quiet: EngineLog = { info: () => {}, warn: () => {}, error: () => {} };
const HEADERS = { "fleet-lock-protocol": "true" };
const BODY = JSON.stringify({ client_params: { id: "b".repeat(32), group: "default" } });
let authority: Authority;
let stranger: Authority;

beforeAll(async () => {
  authority = await createAuthority("engine test", now);
  stranger = await createAuthority("somebody else", now);
});

type Asked = Parameters<FleetLockOptions["answer"]>[0];

/** A server that grants everything, and what it was asked. */
async function serve(answer: FleetLockOptions["answer"] = async () => GRANTED) {
  const { cert, key } = await authority.issue(profiles.engine({ ips: ["127.0.0.1"] }), { now });
  const asked: Asked[] = [];
  const server = await serveFleetLock({
    port: 0,
    address: "127.0.0.1",
    tls: { ca: authority.cert, cert, key },
    answer: (question, signal) => {
      asked.push(question);
      return answer(question, signal);
    },
    log: quiet,
  });
  return { asked, port: server.port, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Sent = {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly identity?: { readonly cert: string; readonly key: string };
};

async function post(port: number, sent: Sent = {}): Promise<{ status: number; body: unknown }> {
  const { path = "/v1/pre-reboot", method = "POST", headers = HEADERS, body = BODY, identity = {} } = sent;
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: "127.0.0.1", port, path, method, headers, ca: authority.cert, agent: false, ...identity },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      },
    );
    asking.on("error", reject);
    asking.end(method === "GET" ? undefined : body);
  });
}

const issue = (by: Authority, profile: Profile) => by.issue(profile, { now });

test("a question reaches who answers it, without a certificate as with the machine's own", async () => {
  await using server = await serve();
  expect(await post(server.port)).toEqual({ status: 200, body: { kind: "ok", value: "" } });
  const identity = await issue(authority, profiles.machine(MACHINE, { ips: ["127.0.0.1"] }));
  expect(await post(server.port, { path: "/v1/steady-state", identity })).toMatchObject({ status: 200 });
  const client = { id: "b".repeat(32), group: "default" };
  expect(server.asked).toEqual([
    { question: { step: "ask", ...client }, peer: null },
    { question: { step: "steady", ...client }, peer: `machine:${MACHINE}` },
  ]);
});

test("a refusal has its status, kind and words", async () => {
  await using server = await serve(async () => refusal(423, "reboot_slot_held", "it is the turn of m2"));
  expect(await post(server.port)).toEqual({
    status: 423,
    body: { kind: "reboot_slot_held", value: "it is the turn of m2" },
  });
});

test("a certificate of another authority is refused, although none is asked for", async () => {
  await using server = await serve();
  const identity = await issue(stranger, profiles.machine(MACHINE, { ips: ["127.0.0.1"] }));
  expect(await post(server.port, { identity })).toMatchObject({ status: 403, body: { kind: "bad_certificate" } });
  expect(server.asked).toEqual([]);
});

test.each<[string, Sent, number, string]>([
  ["another path", { path: "/v1/pre-reboot/../../etc/passwd" }, 404, "not_found"],
  ["a query", { path: "/v1/pre-reboot?x=1" }, 404, "not_found"],
  ["GET", { method: "GET" }, 405, "method_not_allowed"],
  ["no protocol header", { headers: {} }, 400, "missing_header"],
  ["another protocol header", { headers: { "fleet-lock-protocol": "TRUE" } }, 400, "missing_header"],
  ["no JSON", { body: "{" }, 400, "invalid_body"],
  ["bytes that are no UTF-8", { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400, "invalid_body"],
  ["no parameters", { body: "{}" }, 400, "invalid_body"],
  ["null", { body: "null" }, 400, "invalid_body"],
  ["an empty id", { body: '{"client_params":{"id":"","group":"default"}}' }, 400, "invalid_body"],
  ["an id that is a number", { body: '{"client_params":{"id":1,"group":"default"}}' }, 400, "invalid_body"],
  ["a group that is a path", { body: '{"client_params":{"id":"a","group":"../policy"}}' }, 400, "invalid_body"],
  ["an empty group", { body: '{"client_params":{"id":"a","group":""}}' }, 400, "invalid_body"],
  ["a long group", { body: `{"client_params":{"id":"a","group":"${"a".repeat(129)}"}}` }, 400, "invalid_body"],
  ["a long body", { body: " ".repeat(5000) + BODY }, 413, "too_large"],
  [
    "a long body in pieces",
    { body: " ".repeat(5000), headers: { ...HEADERS, "transfer-encoding": "chunked" } },
    413,
    "too_large",
  ],
  ["deep JSON", { body: "[".repeat(4000) }, 400, "invalid_body"],
])("%s is refused before anybody is asked", async (_, sent, status, kind) => {
  await using server = await serve();
  expect(await post(server.port, sent)).toMatchObject({ status, body: { kind } });
  expect(server.asked).toEqual([]);
});

test("an etcd that is away is an answer to come back for, and a fault of our own does not tell its insides", async () => {
  await using server = await serve(async ({ question }) => {
    throw question.step === "ask"
      ? new CodedError("ETCD_UNREACHABLE", { message: "no member answers" })
      : new TypeError("secret is undefined");
  });
  expect(await post(server.port)).toMatchObject({ status: 503, body: { kind: "unreachable" } });
  const fault = await post(server.port, { path: "/v1/steady-state" });
  expect(fault).toMatchObject({ status: 500, body: { kind: "internal_error" } });
  expect(JSON.stringify(fault)).not.toContain("secret");
});

test("a client that goes away is no longer waited for", async () => {
  const left = Promise.withResolvers<void>();
  const came = Promise.withResolvers<void>();
  await using server = await serve((_, signal) => {
    came.resolve();
    signal.addEventListener("abort", () => left.resolve(), { once: true });
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: authority.cert });
  socket.on("error", () => {});
  socket.write(
    `POST /v1/pre-reboot HTTP/1.1\r\nhost: x\r\nfleet-lock-protocol: true\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  await came.promise;
  socket.destroy();
  await left.promise;
  expect(server.asked).toHaveLength(1);
});

test("more questions than can be held are told to come back", async () => {
  const open = Promise.withResolvers<void>();
  await using server = await serve(() => open.promise.then(() => GRANTED));
  const held = Array.from({ length: 128 }, () => post(server.port));
  await expect.poll(() => server.asked.length).toBe(128);
  expect(await post(server.port)).toMatchObject({ status: 503, body: { kind: "busy" } });
  open.resolve();
  expect(new Set((await Promise.all(held)).map(({ status }) => status))).toEqual(new Set([200]));
});
