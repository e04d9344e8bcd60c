import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../main.ts";
import { buildPage } from "./build-page.ts";
import { demoBot } from "./demo-bot.ts";
import { MACHINES, UNITS } from "./demo-fleet.ts";
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
    lab.showMachines([...MACHINES].reverse());
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

  test("draws the bot's signs itself, each with its word, so that no emoji font is needed", async () => {
    await typed("/fleet signs");
    await messages().getByRole("heading", { name: "done Signs" }).waitFor();
    for (const name of ["failed", "warning", "waiting", "under way"])
      expect(await messages().getByRole("img", { name, exact: true }).count()).toBe(1);
    expect(
      await messages()
        .getByText(/✅|❌|⚠|⏳|▶/u)
        .count(),
    ).toBe(0);
  });

  test("shows machines by name, whatever the lab's order", async () => {
    const names = page.getByRole("complementary", { name: "Machines" }).locator("section[data-machine] h3");
    expect(await names.allTextContents()).toEqual(["m1", "m2", "m3"]);
  });

  test("tells a unit whose check fails by mark, word and colour, and counts it", async () => {
    const row = page.getByRole("listitem").filter({ hasText: "web@4" });
    expect(await row.textContent()).toBe("▲web@41.2.0active/running · failing");
    const colourOf = (element: Locator) => element.evaluate((node) => getComputedStyle(node).color);
    const passing = page.getByRole("listitem").filter({ hasText: "web@1" });
    expect(await colourOf(row.locator(".mark"))).not.toBe(await colourOf(passing.locator(".mark")));
    expect(await page.getByRole("status").filter({ hasText: "running" }).textContent()).toContain("1 failing");
  });

  test("counts units of a machine that does not answer apart", async () => {
    // m3 is cut off; its web@3 was active when it was last heard of.
    expect(await page.getByRole("status").filter({ hasText: "running" }).textContent()).toBe(
      "2 of 3 running · 5 units active · 1 failing · 1 failed · 1 last known",
    );
  });

  test("shows the whole count, however long it is", async () => {
    const cut = await page
      .getByRole("status")
      .filter({ hasText: "running" })
      .evaluate((node) => node.scrollWidth > node.clientWidth);
    expect(cut).toBe(false);
  });

  test.each(["light", "dark"] as const)("keeps what is last known readable (%s)", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    lab.showMachines(MACHINES.map((machine) => (machine.name === "m3" ? { ...machine, state: "off" } : machine)));
    const card = page.getByRole("region", { name: "Machine m3, off" });
    await card.waitFor();
    for (const part of [".name", ".word", ".name small"])
      expect(await card.locator(part).first().evaluate(contrast), part).toBeGreaterThan(4.5);
    lab.showMachines(MACHINES);
    await page.getByRole("region", { name: "Machine m3, network cut" }).waitFor();
    await page.emulateMedia({ colorScheme: "light" });
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

/**
 * How well an element's text stands out from what is behind it, 1..21, with every ancestor's opacity; runs in the page.
 * @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
 */
function contrast(element: Element): number {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (canvas === null) return 0;
  const line = [];
  for (let at: Element | null = element; at !== null; at = at.parentElement) line.unshift(getComputedStyle(at));
  const luminance = () => {
    const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paint = (colour: string) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  };
  for (const style of line) {
    canvas.globalAlpha *= Number(style.opacity);
    paint(style.backgroundColor);
  }
  const behind = luminance();
  paint(line.at(-1)?.color ?? "");
  const [darker = 0, lighter = 0] = [behind, luminance()].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
