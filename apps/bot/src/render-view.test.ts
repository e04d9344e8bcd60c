import { validate } from "@quarterdeck/blocks";
import type { View, ViewBlock } from "@quarterdeck/commands";
import { expect, test } from "vitest";
import { renderView } from "./render-view.ts";

const view = (...blocks: ViewBlock[]): View => ({ json: null, blocks, exitCode: 0 });
const hostile = "<!channel> *bold* `code` <https://evil|click> &";

const everyKind: ViewBlock[] = [
  { kind: "heading", text: `Cluster ${hostile}` },
  {
    kind: "fields",
    items: Array.from({ length: 13 }, (_, index) => ({ label: `label ${index}`, value: index === 0 ? "" : hostile })),
  },
  {
    kind: "table",
    columns: [{ key: "unit", label: "UNIT" }],
    rows: [{ unit: hostile }],
    caption: "1 unit",
    legend: true,
  },
  {
    kind: "table",
    columns: [
      { key: "a", label: "A" },
      { key: "b", label: "B" },
    ],
    rows: [{ a: "1", b: hostile }],
    caption: "",
    legend: true,
  },
  { kind: "code", text: `${hostile}\nsecond line\n` },
  { kind: "note", text: hostile, tone: "warning" },
  { kind: "note", text: hostile, tone: "neutral" },
  { kind: "steps", items: [{ label: "web@1.service", state: "failed", detail: hostile }] },
  { kind: "problem", problem: { code: "UNHEALTHY", message: hostile, why: hostile, whoCanFix: hostile, try: hostile } },
];

test("every kind of block is a message that Slack accepts, with its text for screen readers", () => {
  const rendered = renderView(view(...everyKind), [{ label: "Refresh", words: "status" }]);
  expect(validate("message", rendered)).toEqual([]);
  expect(rendered.text).toContain("Cluster");
});

test("no text from a cluster can mention a channel or make a link", () => {
  const rendered = JSON.stringify(renderView(view(...everyKind)).blocks.filter((block) => block.type === "section"));
  expect(rendered).not.toContain("<!channel>");
  expect(rendered).not.toContain("<https://evil");
});

test("a cluster of 200 machines and a rollout of 200 replicas stay within Slack's limits", () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    machine: `m${index}`.padEnd(80, "x"),
    ip: `10.0.0.${index}`,
  }));
  const columns = [
    { key: "machine", label: "MACHINE" },
    { key: "ip", label: "IP" },
  ];
  const steps = rows.map(({ machine }) => ({ label: machine, state: "pending" as const, detail: "d".repeat(300) }));
  const rendered = renderView(
    view({ kind: "table", columns, rows, caption: "200 machines", legend: true }, { kind: "steps", items: steps }),
  );
  expect(validate("message", rendered)).toEqual([]);
});

test("a second table becomes text, for Slack takes one table a message", () => {
  const types = renderView(view(...everyKind)).blocks.map(({ type }) => type);
  expect(types.filter((type) => type === "table")).toHaveLength(1);
});

test("an empty view still says something", () => {
  expect(renderView(view()).text).toBe("Done.");
});
