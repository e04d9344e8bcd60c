import { existsSync, mkdirSync, mkdtempSync } from "node:fs";
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

let browser: BrowserContext;
let page: Page;

const HOW_TO_GET_IT = "no Chromium here: apt-get install chromium (as root, `npm test` does it)";

beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  await theLab.settled(90_000);
  mkdirSync(shots, { recursive: true });
  browser = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), "quarterdeck-page-")), {
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
  if (CHROMIUM !== undefined) await browser.close();
});

test("a command typed into the page is answered there, and its button works", async ({ skip }) => {
  skip(CHROMIUM === undefined, HOW_TO_GET_IT);
  await page.getByRole("textbox").fill("/fleet status");
  await page.getByRole("textbox").press("Enter");
  await page
    .getByRole("button", { name: /Refresh/ })
    .first()
    .waitFor({ timeout: 20_000 });
  await page
    .getByRole("button", { name: /Refresh/ })
    .first()
    .click();
  await page.screenshot({ path: join(shots, "status.png") });
  expect(await page.getByText(/m1/).count()).toBeGreaterThan(0);
});

test("the page shows a machine die and heal", { timeout: 180_000 }, async ({ skip }) => {
  skip(CHROMIUM === undefined, HOW_TO_GET_IT);
  const card = page
    .getByRole("region", { name: "m3" })
    .or(page.getByRole("article", { name: "m3" }))
    .first();
  await card.waitFor({ timeout: 20_000 });
  await card.getByRole("button", { name: /Kill/ }).click();
  await card
    .getByText(/\boff\b/i)
    .first()
    .waitFor({ timeout: 20_000 });
  await page.screenshot({ path: join(shots, "machine-killed.png") });
  await card.getByRole("button", { name: /Boot/ }).click();
  await card
    .getByText(/\brunning\b/i)
    .first()
    .waitFor({ timeout: 60_000 });
  await theLab.settled(90_000);
  await page.screenshot({ path: join(shots, "machine-back.png") });
  expect(await card.getByText(/\brunning\b/i).count()).toBeGreaterThan(0);
});
