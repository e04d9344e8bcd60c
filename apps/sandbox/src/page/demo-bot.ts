import {
  actions,
  button,
  context,
  fallbackText,
  fields,
  header,
  input,
  mrkdwn,
  plan,
  preformatted,
  section,
  staticSelect,
  table,
} from "@quarterdeck/blocks";
import { App, LogLevel } from "@slack/bolt";
import { MACHINES } from "./demo-fleet.ts";

/** A bot that answers as the real one would, with nothing behind it; not started yet. */
export function demoBot(url: string): App {
  const app = new App({
    token: "xoxb-1",
    appToken: "xapp-1",
    socketMode: true,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: `${url}/api/` },
  });
  app.command("/fleet", async ({ ack, respond, client, command }) => {
    await ack();
    if (command.text === "deploy")
      return void (await client.views.open({
        trigger_id: command.trigger_id,
        view: { ...FORM, blocks: [...FORM.blocks] },
      }));
    if (command.text === "signs") {
      const blocks = [header("✅ Signs"), section(mrkdwn`❌ *no* ⚠️ careful`), preformatted("⏳ waits\n▶️ goes on")];
      return void (await respond({ text: fallbackText(blocks), blocks }));
    }
    if (command.text === "status") {
      const blocks = statusBlocks();
      return void (await respond({ text: fallbackText(blocks), blocks }));
    }
    const blocks = deployBlocks("in_progress");
    const posted = await client.chat.postMessage({ channel: command.channel_id, text: fallbackText(blocks), blocks });
    const later = deployBlocks("complete");
    await client.chat.update({
      channel: command.channel_id,
      ts: posted.ts ?? "",
      text: fallbackText(later),
      blocks: later,
    });
  });
  app.view("deploy", async ({ ack }) => ack({ response_action: "errors", errors: { version: "No such version" } }));
  app.event("app_home_opened", async ({ client, event }) => {
    const { user } = await client.users.info({ user: event.user });
    await client.views.publish({
      user_id: event.user,
      view: { type: "home", blocks: [header(`Your fleet, ${user?.name}`)] },
    });
  });
  app.action("abort", async ({ ack, respond, body }) => {
    await ack();
    await respond({
      replace_original: true,
      text: `Aborted by <@${body.user.id}>. \`web@2\` and \`web@3\` keep 1.0.0.`,
    });
  });
  return app;
}

const words = (text: string) => ({ type: "plain_text", text }) as const;

const FORM = {
  type: "modal",
  callback_id: "deploy",
  title: words("Deploy"),
  submit: words("Preview"),
  blocks: [
    input({
      blockId: "service",
      label: "Service",
      element: staticSelect({ actionId: "service", placeholder: "Choose", choices: [{ text: "web", value: "web" }] }),
    }),
    input({ blockId: "version", label: "Version", element: { type: "plain_text_input", action_id: "version" } }),
  ],
} as const;

function statusBlocks() {
  const rows = MACHINES.map(({ name, ip, state }, index) => [name, ip, state, String(3 - index)]);
  return [
    header("2 of 3 machines healthy"),
    fields([
      { label: "etcd", value: "3 of 3 members, leader m1" },
      { label: "engine", value: "leader m1, 2 warm" },
      { label: "units", value: "7 of 8 active" },
      { label: "rollout", value: mrkdwn`\`web\` 1.0.0 → 1.1.0` },
    ]),
    table({ columns: ["MACHINE", "IP", "STATE", "UNITS"], rows, align: ["left", "left", "left", "right"] }),
    section(mrkdwn`*m3* is cut off since 12 s. Its units keep running; the engine waits for its lease.`),
    context("at revision 48213, 0.2 s old", "request r-2041"),
  ];
}

function deployBlocks(second: "in_progress" | "complete") {
  return [
    header("Deploying web 1.1.0"),
    plan("3 machines, one by one", [
      { id: "1", title: "web@1 on m1", status: "complete" },
      { id: "2", title: "web@2 on m2", status: second, output: "GET /healthz 200 in 4 ms" },
      { id: "3", title: "web@3 on m3", status: "pending" },
    ]),
    preformatted(
      "web@1.service  m1  active/running  healthy  1.1.0\nweb@2.service  m2  activating      -        1.1.0\nweb@3.service  m3  active/running  healthy  1.0.0",
    ),
    actions(
      button({ actionId: "pause", text: "Pause" }),
      button({
        actionId: "abort",
        text: "Abort",
        style: "danger",
        confirm: {
          title: "Abort this rollout?",
          text: "Machines already on 1.1.0 stay there.",
          confirm: "Abort the rollout",
          deny: "Go on",
          style: "danger",
        },
      }),
    ),
    context("by @dev", "request r-2042"),
  ];
}
