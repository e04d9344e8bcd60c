import { createServer } from "node:http";
import { WebClient } from "@slack/web-api";
import { expect, test } from "vitest";
import type { AnyMessage } from "./ports.ts";
import { createSlackMessenger } from "./slack-messenger.ts";

type Replies = Readonly<Record<string, unknown>>;

/** A Web API that answers each method with one reply, and keeps what it was asked. */
async function serveSlack(replies: Replies) {
  const calls: [method: string, args: Readonly<Record<string, string>>][] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      const method = request.url?.slice("/api/".length) ?? "";
      calls.push([method, Object.fromEntries(new URLSearchParams(body))]);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(replies[method] ?? { ok: false, error: "unknown_method" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const client = new WebClient("xoxb-1", { slackApiUrl: `http://127.0.0.1:${port}/api/` });
  return {
    calls,
    messenger: createSlackMessenger(client),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const answer = (trigger: string, final = false): AnyMessage["metadata"] => ({
  event_type: "fleet_answer",
  event_payload: { trigger, final },
});
const message = (ts: string, metadata: unknown, bot = "B1") => ({
  type: "message",
  ts,
  text: "x",
  bot_id: bot,
  metadata,
});
const known = {
  "auth.test": { ok: true, user_id: "U1", bot_id: "B1" },
  "conversations.list": { ok: true, channels: [{ id: "C7", name: "ops" }], response_metadata: { next_cursor: "" } },
  "conversations.history": {
    ok: true,
    messages: [
      message("9", answer("mine"), "B2"),
      message("8", undefined),
      message("7", { event_type: "fleet_notice", event_payload: { notice: "brake", since: "then" } }),
      message("6", answer("other")),
      message("5", answer("mine", true)),
    ],
  },
};

test("our own message is found by its command, whatever became of it; another bot's with the same metadata is not", async () => {
  await using slack = await serveSlack(known);
  expect(await slack.messenger.find("C7", answer("mine"))).toEqual({ channel: "C7", ts: "5" });
  expect(await slack.messenger.find("C7", answer("nobody's"))).toBeNull();
  expect(slack.calls.find(([method]) => method === "conversations.history")?.[1]).toMatchObject({
    channel: "C7",
    include_all_metadata: "true",
  });
});

test("a notice is found by its mishap, in a channel that is known by name", async () => {
  await using slack = await serveSlack(known);
  const notice = (since: string) =>
    ({ event_type: "fleet_notice", event_payload: { notice: "brake", since } }) as const;
  expect(await slack.messenger.find("#ops", notice("then"))).toEqual({ channel: "C7", ts: "7" });
  expect(await slack.messenger.find("ops", notice("later"))).toBeNull();
  expect(await slack.messenger.find("deploys", notice("then"))).toBeNull();
});

test("Slack's refusal says what was tried", async () => {
  await using slack = await serveSlack({
    ...known,
    "conversations.history": { ok: false, error: "missing_scope", needed: "channels:history" },
  });
  await expect(slack.messenger.find("C7", answer("mine"))).rejects.toMatchObject({
    code: "SLACK_REFUSED",
    message: expect.stringContaining("refused to show the messages of C7: An API error occurred: missing_scope"),
  });
});
