import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { theLab } from "./lab-handle.ts";
import { ROOT } from "./run-process.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const shots = join(ROOT, "test-results/screenshots");

const profile = mkdtempSync(join(tmpdir(), "quarterdeck-page-"));
let browser: BrowserContext;
let page: Page;

const HOW_TO_GET_IT = "no Chromium here: apt-get install chromium (as root, `npm test` does it)";

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  await theLab.settled(90_000);
  mkdirSync(shots, { recursive: true });
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1360, height: 860 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  page = await browser.newPage();
  await page.goto(theLab.url("/"));
});

afterAll(async () => {
  if (CHROMIUM !== undefined) {
    await browser.close();
    await theLab.fleet(["unload", "hello.service"]);
  }
  rmSync(profile, { recursive: true, force: true });
});

/** Types into the page as a person would. */
async function type(text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message #ops" }).fill(text);
  await page.keyboard.press("Enter");
}

/** What the bot said last. */
const answer = () =>
  page
    .getByRole("log")
    .getByRole("article", { name: /^fleet:/ })
    .last();

/** How the last typed command fares. */
const command = () =>
  page
    .getByRole("log")
    .getByRole("article", { name: /^You typed/ })
    .last()
    .getByRole("status");

const card = (name: string, state = "") => page.getByRole("region", { name: new RegExp(`^Machine ${name}, ${state}`) });
const shot = (name: string) => page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled" });

test("the page shows the machines by name, each with its state and its buttons", async ({ skip }) => {
  skip(CHROMIUM === undefined, HOW_TO_GET_IT);
  await card("m3", "running").waitFor({ timeout: 20_000 });
  const machines = page.getByRole("region", { name: /^Machine m/ }).getByRole("heading");
  expect(await machines.allTextContents()).toEqual(["m1", "m2", "m3"]);
  for (const name of ["m1", "m2", "m3"])
    expect(
      await card(name)
        .getByRole("button", { name: `Kill ${name}` })
        .count(),
    ).toBe(1);
});

test("a command typed into the page is answered there, and its button brings the answer anew", async ({ skip }) => {
  skip(CHROMIUM === undefined, HOW_TO_GET_IT);
  await type("/fleet status");
  await answer()
    .getByRole("button", { name: /Refresh/ })
    .waitFor({ timeout: 20_000 });
  expect(await answer().getByText(/m1/).count()).toBeGreaterThan(0);
  expect(await answer().getByText("(edited)").count()).toBe(0);
  await shot("status");
  await answer()
    .getByRole("button", { name: /Refresh/ })
    .click();
  await answer().getByText("(edited)").waitFor({ timeout: 20_000 });
  expect(await answer().getByText(/m1/).count()).toBeGreaterThan(0);
  await shot("status-refreshed");
});

test("a unit started from the page: its message is edited to the end, and the unit appears on its machine", async ({
  skip,
}) => {
  skip(CHROMIUM === undefined, HOW_TO_GET_IT);
  await type("/fleet start hello.service");
  await command().getByText(/^done/).waitFor({ timeout: 60_000 });
  expect(await answer().getByText("(edited)").count()).toBe(1);
  expect(await answer().textContent()).toMatch(/hello\.service/);
  expect(await answer().getByRole("img", { name: "done" }).count()).toBeGreaterThan(0);
  const [name = "none"] = await theLab.activeOn("hello.service");
  await card(name, "running").getByText("hello", { exact: true }).waitFor({ timeout: 20_000 });
  await shot("started");
});

test(
  "the page shows a machine die, its unit move, and the machine come back",
  { timeout: 180_000 },
  async ({ skip }) => {
    skip(CHROMIUM === undefined, HOW_TO_GET_IT);
    const [name = "none"] = await theLab.activeOn("hello.service");
    await card(name, "running")
      .getByRole("button", { name: `Kill ${name}` })
      .click();
    await card(name, "off").waitFor({ timeout: 20_000 });
    expect(await page.getByRole("status").filter({ hasText: "2 of 3 running" }).count()).toBe(1);
    await shot("machine-killed");
    const running = page.getByRole("region", { name: /^Machine m\d+, running/ });
    await running.getByText("hello", { exact: true }).waitFor({ timeout: 40_000 });
    await shot("unit-moved");
    await card(name, "off")
      .getByRole("button", { name: `Boot ${name}` })
      .click();
    await card(name, "running").waitFor({ timeout: 60_000 });
    await theLab.settled(90_000);
    await card(name, "running")
      .getByRole("button", { name: `Kill ${name}` })
      .waitFor({ timeout: 20_000 });
    expect(await page.getByRole("status").filter({ hasText: "3 of 3 running" }).count()).toBe(1);
    await shot("machine-back");
  },
);
