import { webApi } from "@slack/bolt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../main.ts";

/** Slack's own client against the sandbox: what a bot reads back of a channel. */
const stop = new AbortController();
let sandbox: Sandbox;
let client: webApi.WebClient;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, botToken: "xoxb-1", appToken: "xapp-1" }, stop.signal);
  client = new webApi.WebClient("xoxb-1", { slackApiUrl: `${sandbox.url}/api/` });
});

afterEach(() => sandbox[Symbol.asyncDispose]());

const metadata = (trigger: string) => ({ event_type: "fleet_answer", event_payload: { trigger, final: false } });
const post = async (text: string, more: { readonly thread_ts?: string } = {}): Promise<string> =>
  (await client.chat.postMessage({ channel: "ops", text, metadata: metadata(text), ...more })).ts ?? "";
const texts = (answer: webApi.ConversationsHistoryResponse) => answer.messages?.map(({ text }) => text);
const channel = "C0OPS";

test("a channel's messages are there newest first, without threads and what one person alone saw, and by pages", async () => {
  const first = await post("one");
  await post("in its thread", { thread_ts: first });
  await client.chat.postEphemeral({ channel, user: "U0DEV", text: "for dev" });
  await post("two");
  await post("three");
  const page = await client.conversations.history({ channel, limit: 2 });
  expect([texts(page), page.has_more]).toEqual([["three", "two"], true]);
  const cursor = page.response_metadata?.next_cursor ?? "";
  const last = await client.conversations.history({ channel, limit: 2, cursor });
  expect([texts(last), last.has_more, last.response_metadata?.next_cursor]).toEqual([["one"], false, undefined]);
  expect(texts(await client.conversations.history({ channel, oldest: first }))).toEqual(["three", "two"]);
  expect(texts(await client.conversations.history({ channel, latest: first, inclusive: true }))).toEqual(["one"]);
});

test("metadata come where they are asked for, and the bot's own messages name it", async () => {
  await post("one");
  const [plain] = (await client.conversations.history({ channel })).messages ?? [];
  expect(plain).toMatchObject({ bot_id: "B0FLEET", user: "U0FLEET" });
  expect(plain).not.toHaveProperty("metadata");
  const [whole] = (await client.conversations.history({ channel, include_all_metadata: true })).messages ?? [];
  expect(whole?.metadata).toEqual(metadata("one"));
});

test.each([
  ["a channel by its name", { channel: "ops" }, "channel_not_found"],
  ["a direct message, for which another scope is needed", { channel: "D0DEV" }, "missing_scope"],
  ["more than a page can hold", { channel, limit: 1000 }, "invalid_limit"],
  ["a cursor that nobody gave", { channel, cursor: "x" }, "invalid_cursor"],
])("%s is refused", async (_, args, error) => {
  await expect(client.conversations.history(args)).rejects.toMatchObject({ data: { error } });
});

test("a channel that the bot is not in is not shown to it", async () => {
  await fetch(`${sandbox.url}/sandbox/channels`, {
    method: "PUT",
    body: JSON.stringify([{ id: channel, name: "ops", topic: "", botMember: false }]),
  });
  await expect(client.conversations.history({ channel })).rejects.toMatchObject({ data: { error: "not_in_channel" } });
});
