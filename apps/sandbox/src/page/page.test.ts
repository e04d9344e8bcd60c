import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../main.ts";
import { buildPage } from "./build-page.ts";
import { type FakeLab, startFakeLab } from "./fake-lab.ts";

const CHROMIUM = process.env["QUARTERDECK_CHROMIUM"] ?? "/usr/bin/chromium";

/** Quiet and alone: no profile, no network of its own. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PICTURES = join(import.meta.dirname, "../../dist/pictures");

const MACHINES = [
  { name: "m1", machine: "4f1a7c0be2d94c55a1f0c3d2e8b76a11", ip: "10.78.0.11", state: "running", pid: 4101 },
  { name: "m2", machine: "9b20de41776f4a0c8be1c52f0a3d4e22", ip: "10.78.0.12", state: "running", pid: 4230 },
  { name: "m3", machine: "c7730e5f1b884d2f9d6a41e7b5c80f33", ip: "10.78.0.13", state: "cut", pid: 4377 },
] as const;

const unit = (name: string, machine: number | undefined, more: object = {}) => ({
  unit: name,
  machine: machine === undefined ? null : MACHINES[machine]?.machine,
  active: machine === undefined ? "inactive" : "active",
  sub: machine === undefined ? "dead" : "running",
  health: "none",
  image: null,
  target: "launched",
  ...more,
});

const UNITS = [
  unit("quarterdeck-bot@1.service", 0),
  unit("quarterdeck-bot@2.service", 1),
  unit("web@1.service", 0, { health: "passing", image: "registry.lab:5000/web:1.1.0@sha256:2b1c" }),
  unit("web@2.service", 1, { active: "activating", sub: "start", image: "registry.lab:5000/web:1.1.0@sha256:2b1c" }),
  unit("web@3.service", 2, { health: "passing", image: "registry.lab:5000/web:1.0.0@sha256:77aa" }),
  unit("hello.service", 1),
  unit("backup.service", 1, { active: "failed", sub: "failed" }),
  unit("cache@2.service", undefined),
];

describe.skipIf(!existsSync(CHROMIUM))(`the page in Chromium (needs ${CHROMIUM}: apt-get install chromium)`, () => {
  const stop = new AbortController();
  const held = new AsyncDisposableStack();
  let browser: Browser;
  let page: Page;
  let sandbox: Sandbox;
  let lab: FakeLab;

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), "quarterdeck-page-"));
    held.defer(() => rm(directory, { recursive: true }));
    const labSocket = join(directory, "lab.sock");
    lab = held.use(await startFakeLab(labSocket, onAsk));
    lab.showMachines(MACHINES);
    lab.showUnits(UNITS);
    lab.showLine("m1: agent joined");
    const pageDirectory = await buildPage(stop.signal);
    sandbox = held.use(
      await startSandbox({ port: 0, botToken: "xoxb-1", appToken: "xapp-1", labSocket, pageDirectory }, stop.signal),
    );
    const app = demoBot(sandbox.url);
    await app.start();
    held.defer(async () => void (await app.stop()));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    held.defer(() => browser.close());
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    await page.goto(sandbox.url);
  }, 60_000);

  afterAll(() => held.disposeAsync());

  const typed = async (text: string) => {
    await page.getByLabel("Message #ops").fill(text);
    await page.keyboard.press("Enter");
  };
  const messages = () => page.getByRole("log");
  const picture = (name: string) => page.screenshot({ animations: "disabled", path: join(PICTURES, `${name}.png`) });

  test("shows the bot's answer to a typed command, blocks and all", async () => {
    await typed("/fleet status");
    await messages().getByRole("heading", { name: "2 of 3 machines healthy" }).waitFor();
    expect(await messages().getByText("Only visible to you").count()).toBe(1);
    expect(await messages().getByRole("table").getByRole("row").count()).toBe(4);
    await messages().getByText(/^done/).first().waitFor();
  });

  test("shows markup in untrusted text as text, and runs none of it", async () => {
    await typed("<img src=x onerror=alert(1)> <script>alert(1)</script> *bold* <javascript:alert(1)|x> <!channel>");
    await messages().getByText("<img src=x onerror=alert(1)>").waitFor();
    expect(await messages().locator("img, script").count()).toBe(0);
    expect(await messages().locator('a[href^="javascript"]').count()).toBe(0);
  });

  test("follows a message as it is edited, and a pressed button changes it", async () => {
    await typed("/fleet deploy web 1.1.0");
    await messages().getByText("Deploying web 1.1.0").waitFor();
    await messages().getByText("(edited)").first().waitFor();
    await picture("deploying-light");
    await messages().getByRole("button", { name: "Abort" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Abort the rollout" }).click();
    await messages().getByText("Aborted by @dev").waitFor();
  });

  test("brings back what was typed, and keeps private answers from others", async () => {
    const field = page.getByLabel("Message #ops");
    await field.focus();
    await page.keyboard.press("ArrowUp");
    expect(await field.inputValue()).toBe("/fleet deploy web 1.1.0");
    await field.fill("");
    await page.getByRole("radio", { name: /guest/ }).check({ force: true });
    await messages().getByText("Aborted by @dev").waitFor();
    expect(await messages().getByText("Only visible to you").count()).toBe(0);
    await page.getByRole("radio", { name: /dev/ }).check({ force: true });
  });

  test("opens a form, shows what the bot refuses in it, and closes it by Escape", async () => {
    await typed("/fleet deploy");
    const form = page.getByRole("dialog", { name: "Deploy" });
    await form.getByLabel("Service").selectOption("web");
    await form.getByLabel("Version").fill("9");
    await form.getByRole("button", { name: "Preview" }).click();
    await form.getByRole("alert").getByText("No such version").waitFor();
    expect(await form.getByLabel("Service").inputValue()).toBe("web");
    await page.keyboard.press("Escape");
    await form.waitFor({ state: "detached" });
  });

  test("shows App Home as the bot publishes it", async () => {
    await page.getByRole("button", { name: "fleet" }).click();
    await page.getByRole("heading", { name: "Your fleet, dev" }).waitFor();
    await page.getByRole("button", { name: "# ops" }).click();
  });

  test("shows machines and units live, and asks the lab to kill one", async () => {
    const card = page.getByRole("region", { name: /Machine m2/ });
    expect(await card.getByText("web@2").count()).toBe(1);
    await page.getByRole("button", { name: "Kill m2" }).click();
    await page.getByRole("region", { name: "Machine m2, off" }).waitFor();
    await page
      .getByRole("region", { name: /Machine m1/ })
      .getByText("hello")
      .waitFor();
    expect(lab.asked).toContain("/machines/m2/kill");
    await page.getByRole("button", { name: "Boot m2" }).waitFor();
    await picture("killed-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await picture("killed-dark");
    await page.setViewportSize({ width: 900, height: 900 });
    await picture("narrow-dark");
  });
});

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

/** The fake lab obeys: a killed machine goes off and its units move to m1. */
function onAsk(path: string, lab: FakeLab): void {
  if (path !== "/machines/m2/kill") return;
  lab.showMachines(
    MACHINES.map((machine) => (machine.name === "m2" ? { ...machine, state: "off", pid: null } : machine)),
  );
  lab.showUnits(
    UNITS.map((shown) => (shown.machine === MACHINES[1].machine ? { ...shown, machine: MACHINES[0].machine } : shown)),
  );
}

/** A bot that answers as the real one would, with nothing behind it. */
function demoBot(url: string): App {
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
