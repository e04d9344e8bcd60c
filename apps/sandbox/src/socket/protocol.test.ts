import { once } from "node:events";
import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../main.ts";
import { callSlack, connectClient, type FakeClient } from "./fake-client.ts";

const BRIDGE = "127.0.0.2";
const stop = new AbortController();
let sandbox: Sandbox;

beforeEach(async () => {
  const options = { port: 0, bridge: BRIDGE, botToken: "xoxb-1", appToken: "xapp-1", ackTimeoutMs: 400 };
  sandbox = await startSandbox(options, stop.signal);
});

afterEach(() => sandbox[Symbol.asyncDispose]());

type Acknowledged = { readonly id: string; readonly ackMs: number; readonly ack: unknown; readonly error?: string };

async function post<Reply>(path: string, body: unknown = {}): Promise<Reply> {
  const response = await fetch(sandbox.url + path, { method: "POST", body: JSON.stringify(body) });
  return (await response.json()) as Reply;
}

const type = (text: string) => post<Acknowledged>("/sandbox/commands", { user: "dev", channel: "ops", text });
const fault = (kind: string, more: object = {}) => post("/sandbox/faults", { kind, ...more });

async function connected(base = sandbox.url): Promise<FakeClient> {
  const client = await connectClient(base);
  expect(await client.next()).toMatchObject({ type: "hello" });
  return client;
}

describe("Socket Mode", () => {
  test("an envelope goes to exactly one connection, in turn", async () => {
    await using first = await connected();
    await using second = await connected();
    const heard: string[] = [];
    const serve = async (name: string, client: FakeClient) => {
      const envelope = await client.next();
      heard.push(name);
      client.ack(envelope);
    };
    const served = [serve("first", first), serve("second", second)];
    expect(await type("/fleet a")).toMatchObject({ ack: null });
    expect(heard).toHaveLength(1);
    await type("/fleet b");
    await Promise.all(served);
    expect(heard.toSorted()).toEqual(["first", "second"]);
  });

  test("an eleventh connection is turned away", async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => connected()));
    const late = await connectClient(sandbox.url);
    expect(await late.next()).toEqual({ type: "disconnect", reason: "too_many_websockets" });
    await late.closed;
    for (const client of clients) await client[Symbol.asyncDispose]();
  });

  test("a ticket opens one socket", async () => {
    const { body } = await callSlack(sandbox.url, "apps.connections.open", {}, "xapp-1");
    const first = new WebSocket(String(body["url"]));
    await once(first, "open");
    const second = new WebSocket(String(body["url"]));
    const [error] = (await once(second, "error")) as [Error];
    expect(error.message).toContain("403");
    first.terminate();
  });

  test("an acknowledgement in time is measured, none is operation_timeout, nobody there is dispatch_failed", async () => {
    expect(await type("/fleet")).toMatchObject({ error: "dispatch_failed" });
    await using client = await connected();
    expect(await type("/fleet")).toMatchObject({ error: "operation_timeout", ack: null });
    expect((await client.next()).payload).toMatchObject({
      command: "/fleet",
      text: "",
      user_id: "U0DEV",
      channel_name: "ops",
    });
  });

  test("a bot is handed URLs of the address it came by", async () => {
    await using client = await connected(sandbox.bridgeUrl);
    const answer = type("/fleet status");
    const envelope = await client.next();
    expect(envelope.payload?.["response_url"]).toMatch(`http://${BRIDGE}:${sandbox.port}/response/`);
    client.ack(envelope);
    await answer;
  });
});

describe("faults", () => {
  test("delay holds an envelope beyond the deadline", async () => {
    await using client = await connected();
    await fault("delay", { ms: 500 });
    expect(await type("/fleet late")).toMatchObject({ error: "operation_timeout" });
    expect((await client.next()).payload).toMatchObject({ text: "late" });
  });

  test("reorder lets the next envelope pass first", async () => {
    await using client = await connected();
    await fault("reorder");
    const both = [type("/fleet first"), type("/fleet second")];
    expect([(await client.next()).payload?.["text"], (await client.next()).payload?.["text"]]).toEqual([
      "second",
      "first",
    ]);
    await Promise.all(both);
  });

  test("drop-ack loses the acknowledgement, duplicate delivers again with a mark", async () => {
    await using client = await connected();
    await fault("drop-ack");
    await fault("duplicate");
    const answer = type("/fleet x");
    const [once_, twice] = [await client.next(), await client.next()];
    expect([once_.retry_attempt, twice.retry_attempt]).toEqual([undefined, 1]);
    expect(twice.payload?.["trigger_id"]).toBe(once_.payload?.["trigger_id"]);
    client.ack(once_);
    expect(await answer).toMatchObject({ error: "operation_timeout" });
  });

  test("disconnect cuts, refresh asks first", async () => {
    await using polite = await connected();
    await fault("refresh");
    expect(await polite.next()).toMatchObject({ type: "disconnect", reason: "refresh_requested" });
    await fault("disconnect");
    await polite.closed;
  });

  test("rate-limit, server-error and revoke-token spoil the next call, and only that", async () => {
    await fault("rate-limit", { ms: 2_500 });
    const limited = await callSlack(sandbox.url, "auth.test", {});
    expect([limited.status, limited.headers.get("retry-after"), limited.body["error"]]).toEqual([
      429,
      "3",
      "ratelimited",
    ]);
    await fault("server-error");
    expect((await callSlack(sandbox.url, "auth.test", {})).status).toBe(503);
    await fault("revoke-token", { count: 1 });
    expect((await callSlack(sandbox.url, "auth.test", {})).body["error"]).toBe("token_revoked");
    expect((await callSlack(sandbox.url, "auth.test", {})).body).toMatchObject({ ok: true, user_id: "U0FLEET" });
  });

  test("expire-triggers makes the next trigger useless", async () => {
    await using client = await connected();
    await fault("expire-triggers");
    const answer = type("/fleet");
    const envelope = await client.next();
    client.ack(envelope);
    await answer;
    const view = { type: "modal", title: { type: "plain_text", text: "a" }, blocks: [] };
    const { body } = await callSlack(sandbox.url, "views.open", { trigger_id: envelope.payload?.["trigger_id"], view });
    expect(body).toEqual({ ok: false, error: "expired_trigger_id" });
  });

  test("an unknown one is refused by name", async () => {
    expect(await fault("earthquake")).toMatchObject({
      error: { code: "USAGE", message: expect.stringContaining("kind") },
    });
  });
});

describe("the Web API", () => {
  test.each([
    ["no token", "auth.test", "", "not_authed"],
    ["a made-up token", "auth.test", "xoxb-2", "invalid_auth"],
    ["an app token where a bot's is due", "auth.test", "xapp-1", "not_allowed_token_type"],
    ["a method that is none", "chat.shout", "xoxb-1", "unknown_method"],
    ["an unknown channel", "chat.postMessage", "xoxb-1", "channel_not_found"],
    ["an unknown user", "users.info", "xoxb-1", "user_not_found"],
    ["an unknown group", "usergroups.users.list", "xoxb-1", "no_such_subteam"],
    ["an unknown message", "chat.update", "xoxb-1", "channel_not_found"],
  ])("%s is refused", async (_, method, token, error) => {
    expect((await callSlack(sandbox.url, method, { text: "x" }, token)).body["error"]).toBe(error);
  });

  test("takes forms as well as JSON, with blocks as text", async () => {
    const body = new URLSearchParams({
      token: "xoxb-1",
      channel: "C0OPS",
      text: "x",
      blocks: JSON.stringify([{ type: "divider" }]),
    });
    const posted = await (await fetch(`${sandbox.url}/api/chat.postMessage`, { method: "POST", body })).json();
    expect(posted).toMatchObject({
      ok: true,
      channel: "C0OPS",
      message: { text: "x", blocks: [{ type: "divider", block_id: expect.any(String) }] },
    });
    body.set("blocks", "{nonsense");
    const refused = await (await fetch(`${sandbox.url}/api/chat.postMessage`, { method: "POST", body })).json();
    expect(refused).toMatchObject({ ok: false, error: "invalid_blocks_format" });
  });

  test("slows a flood of edits down as Slack does", async () => {
    const posted = await callSlack(sandbox.url, "chat.postMessage", { channel: "C0OPS", text: "x" });
    const edit = () => callSlack(sandbox.url, "chat.update", { channel: "C0OPS", ts: posted.body["ts"], text: "y" });
    const statuses: number[] = [];
    for (let call = 0; call < 51; call += 1) statuses.push((await edit()).status);
    expect(statuses.slice(0, 50).every((status) => status === 200)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  test("a response_url is refused after five uses", async () => {
    await using client = await connected();
    const answer = type("/fleet");
    const envelope = await client.next();
    client.ack(envelope);
    await answer;
    const respond = () =>
      fetch(String(envelope.payload?.["response_url"]), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"text":"x"}',
      });
    const statuses: number[] = [];
    for (let use = 0; use < 6; use += 1) statuses.push((await respond()).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
  });
});

describe("doors", () => {
  test("the bridge serves bots and nothing else", async () => {
    expect((await fetch(`${sandbox.bridgeUrl}/sandbox/users`)).status).toBe(404);
    expect((await fetch(`${sandbox.bridgeUrl}/`)).status).toBe(404);
    expect((await callSlack(sandbox.bridgeUrl ?? "", "auth.test", {})).body).toMatchObject({ ok: true });
  });

  test.each([{ host: "evil.example" }, { origin: "http://evil.example" }])(
    "a request with %j is turned away",
    async (headers) => {
      const call = request({
        port: sandbox.port,
        host: "127.0.0.1",
        path: "/sandbox/users",
        headers: { host: `127.0.0.1:${sandbox.port}`, ...headers },
      });
      call.end();
      const [response] = (await once(call, "response")) as [{ readonly statusCode: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(403);
    },
  );

  test("a second sandbox on the same port says so", async () => {
    const options = { port: sandbox.port, botToken: "a", appToken: "b" };
    await expect(startSandbox(options, stop.signal)).rejects.toMatchObject({ code: "ALREADY_RUNNING" });
  });
});

test("a bridge that is not there is no busy port", async () => {
  const options = { port: 0, bridge: "192.0.2.1", botToken: "a", appToken: "b" };
  await expect(startSandbox(options, stop.signal)).rejects.toMatchObject({ code: "SETUP_FAILED" });
});

test("the control API names what is wrong with a call", async () => {
  expect(await type("/deploy web")).toMatchObject({ error: { code: "UNKNOWN_COMMAND" } });
  expect(await post("/sandbox/commands", { user: "nobody", channel: "ops", text: "/fleet" })).toMatchObject({
    error: { code: "NOT_FOUND", message: "no user nobody", try: expect.stringContaining("/sandbox/users") },
  });
  const none = await fetch(`${sandbox.url}/sandbox/commands/none`);
  expect([none.status, await none.json()]).toEqual([
    404,
    {
      error: { code: "NOT_FOUND", message: "no command none", try: "use the id that POST /sandbox/commands answered" },
    },
  ]);
  expect(await post("/sandbox/commands", { user: "dev" })).toMatchObject({
    error: { code: "USAGE", message: expect.stringContaining("channel") },
  });
  const broken = await fetch(`${sandbox.url}/sandbox/commands`, { method: "POST", body: "{" });
  expect([broken.status, await broken.json()]).toEqual([
    400,
    { error: { code: "INVALID_JSON", message: "the body is not JSON", try: expect.stringContaining('{"user"') } },
  ]);
});
