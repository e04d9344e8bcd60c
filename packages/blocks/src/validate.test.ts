import { describe, expect, test } from "vitest";
import { validate } from "./validate.ts";

const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
const message = (...blocks: readonly unknown[]) => ({ text: "x", blocks });

describe("a message", () => {
  test("with a header, a section and a button is accepted", () => {
    const button = { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } };
    const found = validate(
      "message",
      message({ type: "header", text: { type: "plain_text", text: "Hi" } }, section("a"), {
        type: "actions",
        elements: [button],
      }),
    );
    expect(found).toEqual([]);
  });

  test("without text and blocks is refused as Slack refuses it", () => {
    expect(validate("message", {})).toEqual([{ pointer: "", code: "no_text", message: "no message text provided" }]);
  });

  test("may hold 40,000 characters, an edit 4000", () => {
    const text = "x".repeat(4001);
    expect(validate("message", { text })).toEqual([]);
    expect(validate("update", { text })).toMatchObject([{ pointer: "/text", code: "msg_too_long" }]);
    expect(validate("message", { text: "x".repeat(40_001) })).toMatchObject([{ code: "msg_too_long" }]);
  });

  test.each([
    ["51 blocks", message(...Array.from({ length: 51 }, () => ({ type: "divider" }))), "/blocks", "invalid_blocks"],
    ["blocks that are no list", { text: "x", blocks: "[]" }, "/blocks", "invalid_blocks_format"],
    ["a section of 3001 characters", message(section("x".repeat(3001))), "/blocks/0/text/text", "invalid_blocks"],
    ["an empty section", message(section("")), "/blocks/0/text/text", "invalid_blocks"],
    ["a misspelt type", message({ type: "sektion" }), "/blocks/0/type", "invalid_blocks"],
    ["an unknown member", message({ type: "divider", colour: 1 }), "/blocks/0", "invalid_blocks"],
    [
      "mrkdwn in a header",
      message({ type: "header", text: { type: "mrkdwn", text: "a" } }),
      "/blocks/0/text/type",
      "invalid_blocks",
    ],
    ["an alert", message({ type: "alert", text: { type: "mrkdwn", text: "a" } }), "/blocks/0/type", "invalid_blocks"],
    [
      "a doubled block_id",
      message({ type: "divider", block_id: "a" }, { type: "divider", block_id: "a" }),
      "/blocks/1/block_id",
      "invalid_blocks",
    ],
    [
      "more text than a message holds",
      message(...Array.from({ length: 5 }, () => section("x".repeat(2900)))),
      "/blocks",
      "msg_blocks_too_long",
    ],
  ])("with %s is refused", (_, payload, pointer, code) => {
    expect(validate("message", payload)).toMatchObject([{ pointer, code }]);
  });

  test("with two tables is refused", () => {
    const table = { type: "table", rows: [[{ type: "raw_text", text: "a" }]] };
    expect(validate("message", message(table, table))).toMatchObject([{ code: "only_one_table_allowed" }]);
  });

  test("with two buttons of one action_id in a row is refused", () => {
    const button = { type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } };
    expect(validate("message", message({ type: "actions", elements: [button, button] }))).toMatchObject([
      { pointer: "/blocks/0/elements/1/action_id", code: "invalid_blocks" },
    ]);
  });
});

describe("a modal", () => {
  const modal = (more: object) => ({
    type: "modal",
    title: { type: "plain_text", text: "Deploy" },
    blocks: [],
    ...more,
  });

  test("may hold 100 blocks and an alert", () => {
    const blocks = [
      { type: "alert", text: { type: "mrkdwn", text: "frozen" } },
      ...Array.from({ length: 99 }, () => ({ type: "divider" })),
    ];
    expect(validate("modal", modal({ blocks }))).toEqual([]);
  });

  test("with a table, a long title, or an input and no submit is refused", () => {
    expect(
      validate("modal", modal({ blocks: [{ type: "table", rows: [[{ type: "raw_text", text: "a" }]] }] })),
    ).toMatchObject([{ pointer: "/blocks/0/type", code: "invalid_arguments" }]);
    expect(validate("modal", modal({ title: { type: "plain_text", text: "x".repeat(25) } }))).toMatchObject([
      { pointer: "/title/text" },
    ]);
    const input = { type: "input", label: { type: "plain_text", text: "a" }, element: { type: "plain_text_input" } };
    expect(validate("modal", modal({ blocks: [input] }))).toMatchObject([
      { message: "missing required field: submit" },
    ]);
  });

  test("over 250 KB is refused", () => {
    const blocks = Array.from({ length: 90 }, () => section("é".repeat(2900)));
    expect(validate("modal", modal({ blocks }))).toMatchObject([{ code: "view_too_large" }]);
  });
});

test("App Home takes no table of tasks and no markdown", () => {
  const home = (block: object) => ({ type: "home", blocks: [block] });
  expect(validate("home", home({ type: "plan", title: "a" }))).toMatchObject([{ pointer: "/blocks/0/type" }]);
  expect(validate("home", home({ type: "markdown", text: "a" }))).toMatchObject([{ pointer: "/blocks/0/type" }]);
  expect(validate("home", home({ type: "divider" }))).toEqual([]);
});
