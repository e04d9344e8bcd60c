import { expect, test } from "vitest";
import { escapeJson, escapeLine, escapeText } from "./escape-text.ts";
import { renderBlocks } from "./render-blocks.ts";
import { renderTable } from "./render-table.ts";

const table = (rows: readonly Record<string, string>[], legend = true) =>
  ({
    kind: "table",
    columns: [
      { key: "machine", label: "MACHINE" },
      { key: "ip", label: "IP" },
      { key: "metadata", label: "METADATA" },
    ],
    rows,
    caption: "x",
    legend,
  }) as const;

test("a table is aligned, two spaces apart, without spaces at the end", () => {
  expect(
    renderTable(
      table([
        { machine: "abc11111...", ip: "10.78.0.11", metadata: "role=worker" },
        { machine: "abc2", ip: "-", metadata: "-" },
      ]),
    ),
  ).toEqual([
    "MACHINE      IP          METADATA",
    "abc11111...  10.78.0.11  role=worker",
    "abc2         -           -",
  ]);
});

test("no legend is no header line, and a table without rows then is nothing", () => {
  expect(renderTable(table([{ machine: "a", ip: "b", metadata: "c" }], false))).toEqual(["a  b  c"]);
  expect(renderTable(table([], false))).toEqual([]);
  expect(renderTable(table([]))).toEqual(["MACHINE  IP  METADATA"]);
});

test("accents and letters beyond the first plane count once", () => {
  expect(renderTable(table([{ machine: "e\u0301", ip: "𝒳", metadata: "x" }], false))).toEqual(["e\u0301  𝒳  x"]);
});

test.each([
  ["\u001b[31mred", "\\x1b[31mred"],
  ["a\rb\nc\u0007", "a\\x0db\\x0ac\\x07"],
  ["\u009b2J", "\\x9b2J"],
  ["a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
  ["zero\u200bwidth", "zero\\u{200b}width"],
  ["tab\tstays, größer, 日本", "tab\tstays, größer, 日本"],
])("%j is printed as %s", (text, printed) => {
  expect(escapeLine(text)).toBe(printed);
});

test("in text line ends stay, in JSON everything stays JSON", () => {
  expect(escapeText("a\r\nb\u001b\n")).toBe("a\nb\\x1b\n");
  const document = { text: "\u001b\u009b\u202e\u{e0041}\n" };
  const printed = escapeJson(JSON.stringify(document, null, 2));
  expect(printed).toMatch(/^[\n\u0020-\u007e]*$/);
  expect(JSON.parse(printed)).toEqual(document);
});

test("an error has its way out on lines of its own", () => {
  const problem = {
    code: "NOT_FOUND",
    message: "there is no unit x\u001b",
    why: "nobody submitted it",
    whoCanFix: "dev",
    try: "fleet list-unit-files",
  } as const;
  expect(renderBlocks([{ kind: "problem", problem }], { escapes: false })).toBe(
    "error[NOT_FOUND]: there is no unit x\\x1b\nwhy: nobody submitted it\nwho can fix it: dev\ntry: fleet list-unit-files\n",
  );
  expect(renderBlocks([{ kind: "problem", problem: { code: "INTERNAL", message: "x" } }], { escapes: false })).toBe(
    "error[INTERNAL]: x\n",
  );
});

test("each kind of block has its form", () => {
  const text = renderBlocks(
    [
      { kind: "heading", text: "one" },
      {
        kind: "fields",
        items: [
          { label: "a", value: "1" },
          { label: "long", value: "2" },
        ],
      },
      { kind: "heading", text: "two" },
      {
        kind: "steps",
        items: [
          { label: "web@1.service", state: "done", detail: "m1" },
          { label: "web@2.service", state: "failed", detail: "" },
        ],
      },
      { kind: "note", tone: "good", text: "done" },
      { kind: "code", text: "[Unit]\nA=\u001b" },
    ],
    { escapes: true },
  );
  expect(text).toBe(
    "one\n  a     1\n  long  2\n\ntwo\n  + web@1.service  m1\n  x web@2.service\ndone\n[Unit]\nA=\\x1b\n",
  );
});

test("code that goes into a file stays as it was submitted", () => {
  expect(renderBlocks([{ kind: "code", text: "A=\u001b\r\n" }], { escapes: false })).toBe("A=\u001b\r\n");
});
