import { App, LogLevel } from "@slack/bolt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "./main.ts";

type Answer = {
  readonly id: string;
  readonly ackMs: number;
  readonly ack: unknown;
  readonly error?: string;
  readonly done: boolean;
  readonly exitCode: number | null;
  readonly responses: readonly {
    readonly ts: string;
    readonly text: string;
    readonly edits: number;
    readonly ephemeralFor?: string;
    readonly blocks?: readonly unknown[];
  }[];
  readonly views: readonly { readonly id: string }[];
};

/** The real Bolt against the sandbox, over Socket Mode, as the bot runs. */
describe("a real Bolt app", () => {
  const stop = new AbortController();
  let sandbox: Sandbox;
  let app: App;

  beforeEach(async () => {
    sandbox = await startSandbox({ port: 0, botToken: "xoxb-1", appToken: "xapp-1", ackTimeoutMs: 1_000 }, stop.signal);
    app = new App({
      token: "xoxb-1",
      appToken: "xapp-1",
      socketMode: true,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: `${sandbox.url}/api/` },
    });
  });

  afterEach(async () => {
    await app.stop();
    await sandbox[Symbol.asyncDispose]();
  });

  const post = async <Reply>(path: string, body: unknown): Promise<Reply> => {
    const response = await fetch(sandbox.url + path, { method: "POST", body: JSON.stringify(body) });
    return (await response.json()) as Reply;
  };
  const get = async <Reply>(path: string): Promise<Reply> => (await (await fetch(sandbox.url + path)).json()) as Reply;
  const type = (text: string) => post<Answer>("/sandbox/commands", { user: "dev", channel: "#ops", text });
  const settled = (id: string) => get<Answer>(`/sandbox/commands/${id}?waitMs=5000`);
  const final = (exitCode: number) => ({
    event_type: "fleet_answer",
    event_payload: { request: "r1", final: true, exitCode },
  });

  test("acknowledges a command and answers it privately", async () => {
    app.command("/fleet", async ({ ack, respond, command }) => {
      await ack();
      await respond({ text: `you said ${command.text} in ${command.channel_name}` });
    });
    await app.start();
    const acknowledged = await type("/fleet status --full");
    expect(acknowledged).toMatchObject({ ack: null, ackMs: expect.any(Number) });
    expect(acknowledged.error).toBeUndefined();
    const answer = await settled(acknowledged.id);
    expect(answer).toMatchObject({
      done: true,
      responses: [{ text: "you said status --full in ops", ephemeralFor: "U0DEV" }],
    });
    expect(await get("/sandbox/channels/ops/messages?as=dev")).toHaveLength(1);
    expect(await get("/sandbox/channels/ops/messages?as=guest")).toHaveLength(0);
  });

  test("posts to the channel, edits the message in place, and is done with the final word", async () => {
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>();
    app.command("/fleet", async ({ ack, client, command }) => {
      await ack();
      const posted = await client.chat.postMessage({
        channel: command.channel_id,
        text: "Accepted r1",
        metadata: { event_type: "fleet_answer", event_payload: { request: "r1", final: false } },
      });
      await mayFinish;
      await client.chat.update({ channel: command.channel_id, ts: posted.ts ?? "", text: "Done", metadata: final(3) });
    });
    await app.start();
    const { id } = await type("/fleet start hello.service");
    finish();
    expect(await settled(id)).toMatchObject({
      done: true,
      exitCode: 3,
      responses: [{ text: "Done", edits: 1, user: "U0FLEET", bot_id: "B0FLEET" }],
    });
  });

  test("an acknowledgement with a text is the answer", async () => {
    app.command("/fleet", async ({ ack }) => ack({ text: "help", response_type: "in_channel" }));
    await app.start();
    const { id } = await type("/fleet help");
    expect(await settled(id)).toMatchObject({ done: true, responses: [{ text: "help" }] });
    expect(await get("/sandbox/channels/ops/messages?as=guest")).toHaveLength(1);
  });

  test("a click reaches the bot, which replaces the message it was in", async () => {
    app.command("/fleet", async ({ ack, respond }) => {
      await ack();
      await respond({
        text: "Sure?",
        blocks: [
          {
            type: "actions",
            elements: [{ type: "button", action_id: "go", value: "7", text: { type: "plain_text", text: "Go" } }],
          },
        ],
      });
    });
    app.action("go", async ({ ack, respond, action }) => {
      await ack();
      await respond({ replace_original: true, text: `went ${action.type === "button" ? action.value : ""}` });
    });
    await app.start();
    const { responses } = await settled((await type("/fleet")).id);
    const click = { user: "dev", channel: "ops", ts: responses[0]?.ts, action_id: "go" };
    const clicked = await post<Answer>("/sandbox/actions", click);
    expect(await settled(clicked.id)).toMatchObject({
      responses: [{ ts: responses[0]?.ts, text: "went 7", edits: 1 }],
    });
    expect(await post("/sandbox/actions", click)).toMatchObject({ error: { code: "CONFLICT" } });
  });

  test("a modal opens, is checked, and closes with its values", async () => {
    const submitted: unknown[] = [];
    app.command("/fleet", async ({ ack, client, command }) => {
      await ack();
      const element = { type: "plain_text_input", action_id: "version" } as const;
      const plain = (text: string) => ({ type: "plain_text", text }) as const;
      await client.views.open({
        trigger_id: command.trigger_id,
        view: {
          type: "modal",
          callback_id: "deploy",
          title: plain("Deploy"),
          submit: plain("Go"),
          blocks: [{ type: "input", block_id: "v", label: plain("Version"), element }],
        },
      });
    });
    app.view("deploy", async ({ ack, view }) => {
      const version = view.state.values["v"]?.["version"]?.value ?? "";
      submitted.push(version);
      await (version === "1.0.0" ? ack() : ack({ response_action: "errors", errors: { v: "no such version" } }));
    });
    await app.start();
    const { views } = await settled((await type("/fleet deploy")).id);
    const submit = (values: object) => post(`/sandbox/views/${views[0]?.id}/submit`, { values });
    expect(await submit({})).toMatchObject({ errors: { v: "Please complete this required field." } });
    expect(await submit({ v: { version: "9" } })).toEqual({ errors: { v: "no such version" } });
    expect(await submit({ v: { version: "1.0.0" } })).toEqual({ closed: true });
    expect(submitted).toEqual(["9", "1.0.0"]);
    expect(await get("/sandbox/views?user=dev")).toEqual([]);
  });

  test("App Home and external menus are filled by the bot", async () => {
    app.event("app_home_opened", async ({ client, event }) => {
      await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "divider" }] } });
    });
    app.options("service", async ({ ack, payload }) =>
      ack({ options: [{ text: { type: "plain_text", text: `${payload.value}b` }, value: "web" }] }),
    );
    app.command("/fleet", async ({ ack }) =>
      ack({
        text: "pick",
        blocks: [{ type: "actions", elements: [{ type: "external_select", action_id: "service" }] }],
      }),
    );
    await app.start();
    expect(await get("/sandbox/home?user=dev")).toMatchObject({ type: "home", blocks: [{ type: "divider" }] });
    const { responses } = await settled((await type("/fleet")).id);
    const query = { user: "dev", channel: "ops", ts: responses[0]?.ts, action_id: "service", query: "we" };
    expect(await post("/sandbox/options", query)).toMatchObject({ options: [{ text: { text: "web" }, value: "web" }] });
  });

  test("the duplicate fault delivers an envelope twice, once", async () => {
    const seen: (number | undefined)[] = [];
    const { promise: twice, resolve } = Promise.withResolvers<void>();
    app.command("/fleet", async ({ ack, context }) => {
      seen.push(context.retryNum);
      await ack();
      if (seen.length === 2) resolve();
    });
    await app.start();
    await post("/sandbox/faults", { kind: "duplicate" });
    await type("/fleet status");
    await twice;
    expect(seen).toEqual([undefined, 1]);
    await type("/fleet status");
    expect(seen).toHaveLength(3);
  });

  test("a bot that is late, mute, or not there makes Slack say so", async () => {
    expect(await type("/fleet status")).toMatchObject({ error: "dispatch_failed" });
    app.command("/fleet", async ({ ack, respond }) => {
      await ack();
      await respond({ text: "late answer", metadata: final(0) } as Parameters<typeof respond>[0]);
    });
    await app.start();
    await post("/sandbox/faults", { kind: "drop-ack" });
    const { id, error } = await type("/fleet status");
    expect(error).toBe("operation_timeout");
    expect(await settled(id)).toMatchObject({ done: true, exitCode: 0, responses: [{ text: "late answer" }] });
  });

  test("a payload that Slack refuses is refused in Slack's words and stands in the log", async () => {
    const reason = Promise.withResolvers<unknown>();
    app.command("/fleet", async ({ ack, client, command }) => {
      await ack();
      const blocks = [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }];
      await client.chat.postMessage({ channel: command.channel_id, text: "x", blocks }).catch(reason.resolve);
    });
    await app.start();
    await type("/fleet status");
    expect(await reason.promise).toMatchObject({
      data: {
        error: "invalid_blocks",
        response_metadata: {
          messages: ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"],
        },
      },
    });
    const log = await get<readonly { readonly violations: readonly unknown[] }[]>("/sandbox/log");
    expect(log.flatMap(({ violations }) => violations)).toMatchObject([
      { code: "invalid_blocks", pointer: "/blocks/0/text/text" },
    ]);
  });

  test("comes back after Slack asked it to reconnect", async () => {
    app.command("/fleet", async ({ ack }) => ack({ text: "here" }));
    await app.start();
    const events = await fetch(`${sandbox.url}/sandbox/events`);
    await post("/sandbox/faults", { kind: "refresh" });
    let counts: number[] = [];
    for await (const chunk of events.body ?? []) {
      counts = [
        ...counts,
        ...[
          ...Buffer.from(chunk)
            .toString()
            .matchAll(/"count":(\d+)/g),
        ].map(([, count]) => Number(count)),
      ];
      if (counts.length > 1 && counts.at(-1) === 1 && counts.includes(0)) break;
    }
    expect(await type("/fleet status")).toMatchObject({ ack: { text: "here" } });
  }, 15_000);
});
