import type { KnownBlock } from "@slack/types";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  actions,
  broadcasts,
  button,
  code,
  context,
  divider,
  fallbackText,
  fields,
  header,
  input,
  joinMrkdwn,
  LIMITS,
  mrkdwn,
  plan,
  preformatted,
  preformattedLines,
  section,
  staticSelect,
  table,
  truncate,
  truncateMrkdwn,
  validate,
} from "./index.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

/** What people, unit files and journals really hold: long names, every script, and what would call everybody. */
const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.constantFrom(
    "<!channel>",
    "<!here|x>",
    "<!everyone>",
    "&lt;!channel&gt;",
    "",
    " ",
    "\n",
    "`",
    "😀".repeat(2000),
    "x".repeat(80),
  ),
  fc.string({
    unit: fc.constantFrom("<", ">", "&", "!", "channel", "😀", "`", "*", "\n", "|", "lt;"),
    minLength: 1,
    maxLength: 1500,
  }),
);

const blocks: Readonly<Record<string, (text: string, list: readonly string[]) => readonly KnownBlock[]>> = {
  header: (text) => [header(text)],
  "section of text": (text) => [section(text)],
  "section of mrkdwn": (text) => [section(mrkdwn`*${text}* ${code(text)}`)],
  fields: (text, list) => [fields(list.map((value) => ({ label: text, value })))],
  context: (text, list) => [context(...list.map((part) => truncate(part, 500)), mrkdwn`by ${truncate(text, 500)}`)],
  actions: (text) => [
    actions(
      button({
        actionId: "go",
        text,
        value: "1",
        style: "danger",
        label: text,
        confirm: { title: text, text, confirm: text, deny: text },
      }),
      staticSelect({ actionId: "pick", placeholder: text, choices: [{ text, value: "1" }], initial: "1" }),
    ),
  ],
  preformatted: (text) => [preformatted(text)],
  lines: (_, list) => preformattedLines(list),
  table: (text, list) => [
    table({ columns: [text, "b"], rows: list.map((item) => [item, text]), align: ["left", "right"] }),
  ],
  plan: (text, list) => [
    plan(
      text,
      list.slice(0, 3).map((item, index) => ({ id: String(index), title: item, status: "pending", output: item })),
    ),
  ],
  input: (text) => [
    input({ blockId: "b", label: text, hint: text, element: { type: "plain_text_input", action_id: "a" } }),
  ],
  divider: () => [divider()],
};

describe.each(Object.entries(blocks))("%s", (_, render) => {
  test("is accepted by Slack and calls nobody, whatever it is given", () => {
    fc.assert(
      fc.property(nasty, fc.array(nasty, { maxLength: 12 }), (text, list) => {
        const payload = { blocks: render(text, list), text: fallbackText(render(text, list)) };
        expect(validate("update", payload)).toEqual([]);
        expect(broadcasts(payload)).toEqual([]);
      }),
    );
  });
});

test("two hundred machines with names of 80 characters fit into one message, and the reader is told what is missing", () => {
  const rows = Array.from({ length: 200 }, (_, index) => [`${index}`.padEnd(80, "m"), "10.0.0.1", "role=worker"]);
  const shown = table({ columns: ["MACHINE", "IP", "METADATA"], rows });
  const boxes = preformattedLines(rows.map((row) => row.join("\t")));
  for (const body of [[shown], boxes])
    expect(validate("message", { text: "x", blocks: [header("200 machines"), ...body] })).toEqual([]);
  expect(shown.rows.at(-1)?.[0]).toMatchObject({ text: expect.stringMatching(/^… \d+ more$/) });
  const last = fallbackText(boxes.slice(-1)).split("\n").at(-1);
  expect(last).toMatch(/^… \d+ more lines$/);
  expect(Number(last?.match(/\d+/)?.[0]) + fallbackText(boxes.slice(-1)).split("\n").length - 1).toBeLessThan(200);
});

test("a table of long cells stays within what a message holds, and counts the rows it leaves out", () => {
  const rows = Array.from({ length: 90 }, () => ["x".repeat(500), "y".repeat(500)]);
  const { rows: shown, ...rest } = table({ columns: ["a", "b"], rows });
  expect(validate("message", { text: "x", blocks: [{ ...rest, rows: shown }] })).toEqual([]);
  expect(shown.at(-1)?.[0]).toMatchObject({ text: `… ${90 - (shown.length - 2)} more` });
});

describe("truncate", () => {
  test("fits, keeps code points whole, and leaves what fits alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, limit) => {
        const cut = truncate(text, limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
        expect(text.length > limit || cut === text).toBe(true);
      }),
    );
  });

  test("cuts mrkdwn before an entity or a mention, never inside", () => {
    expect(truncateMrkdwn("ab&lt;cd", 5)).toBe("ab…");
    expect(truncateMrkdwn("ab <@U123> cd", 8)).toBe("ab …");
    expect(truncateMrkdwn("a & b is long", 8)).toBe("a & b i…");
  });
});

describe("mrkdwn", () => {
  test("escapes what is put in, keeps what is written, and nests", () => {
    expect(mrkdwn`*${"<!channel> & co"}* ${code("a`b\nc")} ${3}`.text).toBe("*&lt;!channel&gt; &amp; co* `aˋb c` 3");
    expect(joinMrkdwn([mrkdwn`${"<"}`, mrkdwn`b`], " · ").text).toBe("&lt; · b");
  });
});

test("a broadcast that was not escaped is found in text and blocks", () => {
  const payload = { text: "<!here>", blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!channel|x>" } }] };
  expect(broadcasts(payload)).toEqual(["/text", "/blocks/0/text/text"]);
});

test("the fallback says what the blocks say, in order, without the buttons", () => {
  const text = fallbackText([
    header("Deploying web"),
    section(mrkdwn`*${"a<b"}*`),
    table({ columns: ["UNIT", "STATE"], rows: [["web@1.service", "active"]] }),
    actions(button({ actionId: "x", text: "Abort" })),
    preformatted("tail"),
  ]);
  expect(text).toBe("Deploying web\n*a&lt;b*\nUNIT  STATE\nweb@1.service  active\ntail");
  expect(fallbackText([divider()])).toBe("-");
  expect(fallbackText([section("x".repeat(3000)), section("y".repeat(3000))]).length).toBeLessThanOrEqual(
    LIMITS.updateText,
  );
});
