import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FENCE_UNIT, readDeadline, writeDeadline, writeFenceFiles, type FencePlaces } from "./fence-files.ts";
import { readBootClock } from "./read-boot-clock.ts";

let places: FencePlaces;

beforeEach(async () => {
  const run = await mkdtemp(join(tmpdir(), "quarterdeck-fence-"));
  places = { run, links: join(run, "links") };
  await writeFenceFiles(places);
});

afterEach(() => rm(places.run, { recursive: true, force: true }));

/** The fence's own program, as its unit starts it; resolves to its exit code, when it has ended. */
async function run(...words: readonly string[]): Promise<number | null> {
  const child = spawn("/bin/bash", [join(places.run, "fence.sh"), join(places.run, "fence"), ...words], {
    stdio: "ignore",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

const holdFor = (milliseconds: number) =>
  writeDeadline(places, { lease: "1a", bootMs: readBootClock() + milliseconds });

test("the fence ends at its deadline, and not before", async () => {
  await holdFor(500);
  const deadline = await readDeadline(places);
  expect(await run()).toBe(0);
  expect(readBootClock()).toBeGreaterThanOrEqual(deadline?.bootMs ?? Infinity);
});

test("a deadline that is put off while the fence sleeps is heard of", async () => {
  await holdFor(400);
  const ended = run();
  await holdFor(1200);
  const deadline = await readDeadline(places);
  expect(await ended).toBe(0);
  expect(readBootClock()).toBeGreaterThanOrEqual(deadline?.bootMs ?? Infinity);
});

test("nothing starts behind a fence whose deadline is over, or that has none", async () => {
  expect(await run("once")).toBe(1);
  await holdFor(-10);
  expect(await run("once")).toBe(1);
  await holdFor(60_000);
  expect(await run("once")).toBe(0);
});

test("the unit looks at the deadline before it is up", async () => {
  const text = await readFile(join(places.links, FENCE_UNIT), "utf8");
  expect(text).toContain(`ExecStartPre=/bin/bash ${places.run}/fence.sh ${places.run}/fence once\n`);
});
