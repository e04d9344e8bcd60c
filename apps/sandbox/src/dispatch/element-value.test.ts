import { describe, expect, test } from "vitest";
import { elementValue, initialValue } from "./element-value.ts";
import { findElement } from "./elements.ts";

const option = (value: string) => ({ text: { type: "plain_text", text: value }, value });
const menu = { type: "static_select", action_id: "m", options: [option("a"), option("b")] };

describe("what a person puts into an element", () => {
  test.each([
    ["a choice offered", menu, "b", { selected_option: option("b") }],
    [
      "a choice in a group",
      { type: "static_select", option_groups: [{ options: [option("a")] }] },
      "a",
      { selected_option: option("a") },
    ],
    ["a choice not offered", menu, "c", undefined],
    [
      "several choices",
      { type: "checkboxes", options: [option("a"), option("b")] },
      ["a", "b"],
      { selected_options: [option("a"), option("b")] },
    ],
    ["several, one not offered", { type: "checkboxes", options: [option("a")] }, ["a", "x"], undefined],
    ["a text", { type: "plain_text_input" }, "x", { value: "x" }],
    ["a date", { type: "datepicker" }, "2026-11-24", { selected_date: "2026-11-24" }],
    ["a choice the bot offered itself", { type: "external_select" }, option("w"), { selected_option: option("w") }],
  ])("%s", (_, element, selected, expected) => {
    expect(elementValue(element, selected)).toEqual(expected);
  });

  test("untouched elements hold their initial value, or nothing", () => {
    expect(initialValue({ ...menu, initial_option: option("a") })).toEqual({ selected_option: option("a") });
    expect(initialValue(menu)).toEqual({ selected_option: null });
    expect(initialValue({ type: "plain_text_input", initial_value: "x" })).toEqual({ value: "x" });
  });
});

test("an element is found in sections, rows, cards and containers; a button by its value too", () => {
  const button = (value: string) => ({ type: "button", action_id: "go", value });
  const blocks = [
    { type: "section", accessory: button("1") },
    { type: "container", child_blocks: [{ type: "actions", block_id: "row", elements: [button("2"), menu] }] },
    { type: "carousel", elements: [{ type: "card", actions: [button("3")] }] },
  ];
  expect(findElement(blocks, "go", undefined)?.element).toEqual(button("1"));
  expect(findElement(blocks, "go", "3")?.element).toEqual(button("3"));
  expect(findElement(blocks, "m", "a")?.block["block_id"]).toBe("row");
  expect(findElement(blocks, "go", "9")).toBeUndefined();
});
