import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const read = (name: string): Promise<string> => readFile(fileURLToPath(new URL(`../${name}`, import.meta.url)), "utf8");

/** The complaints of fleet's users that the page answers, by issue number. */
const ISSUES =
  "1289 1145 1397 1690 1725 1086 440 1361 925 116 1579 1264 1455 1348 1023 1217 1232 1339 1135 615 500 1621 960 760 1691 1131 1021 1091 1072 971 1290 562 1345 1243 1163".split(
    " ",
  );

test("every test that docs/operations.md names exists under that title", async () => {
  const page = await read("docs/operations.md");
  const named = [...page.matchAll(/`([^`]+\.test\.ts)`: "([^"]+)"/g)];
  const missing: string[] = [];
  for (const [, file = "", title = ""] of named) {
    const source = await read(file).catch(() => "");
    if (!source.includes(`"${title}"`)) missing.push(`${file}: ${title}`);
  }
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(60);
  // One that the expression above does not see would never be looked for.
  expect(page.match(/\.test\.ts/g)).toHaveLength(named.length);
});

test("each complaint of fleet's users has a row, with a test that bears its number or a word on what is open", async () => {
  const rows = (await read("docs/operations.md")).split("## What fleet's users complained of")[1]?.split("\n") ?? [];
  const unanswered = ISSUES.filter((issue) => {
    const row = rows.find((line) => new RegExp(String.raw`^\| (?:[^|]*\D)?${issue}\b[^|]*\|`).test(line));
    return row === undefined || !(row.includes(`#${issue}:`) || row.includes(`#${issue},`));
  });
  expect(unanswered).toEqual([]);
});
