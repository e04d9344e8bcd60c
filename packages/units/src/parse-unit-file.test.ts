import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseUnitFile } from "./parse-unit-file.ts";
import { assignmentsIn, renderUnitFile, sectionsOf, valueOf, valuesOf, type UnitDocument } from "./unit-document.ts";

const RUNS = 2000;
// A limit by the work and not by the clock: at a tenth of a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 100 });

const read = (text: string): UnitDocument => {
  const parsed = parseUnitFile(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

describe("a unit file is read as systemd reads it", () => {
  test.each([
    ["white space around the equals sign is dropped", "[A]\n  k \t=\t v w \n", ["v w"]],
    ["values keep their order", "[A]\nk=1\nk=2\n", ["1", "2"]],
    ["an empty value forgets those before it", "[A]\nk=1\nk=\nk=3\n", ["3"]],
    ["an empty value at the end leaves nothing", "[A]\nk=1\nk=\n", []],
    ["a section may come back", "[A]\nk=1\n[B]\nk=x\n[A]\nk=2\n", ["1", "2"]],
    ["a backslash at the end joins the next line by a space", "[A]\nk=a\\\nb\n", ["a b"]],
    ["comments inside a continuation are left out", "[A]\nk=a \\\n# no\n  ; no\\\n b\n", ["a   b"]],
    ["a blank line ends a continuation", "[A]\nk=a\\\n\nl=2\n", ["a"]],
    ["two backslashes at the end continue nothing", "[A]\nk=a\\\\\nl=2\n", ["a\\\\"]],
    ["three backslashes do", "[A]\nk=a\\\\\\\nb\n", ["a\\\\ b"]],
    ["a continuation may be the last line", "[A]\nk=a\\", ["a"]],
    ["a comment sign inside a value is part of it", "[A]\nk=a # b\n", ["a # b"]],
    ["an equals sign inside a value is part of it", "[A]\nk=a=b\n", ["a=b"]],
    ["Windows ends of line are ends of line", "[A]\r\nk=a\r\nl=b\r\n", ["a"]],
    ["so is a carriage return alone", "[A]\rk=a\rl=b\r", ["a"]],
    ["a byte order mark is skipped", "\uFEFF[A]\nk=a\n", ["a"]],
    ["an ideographic space is not white space", "[A]\nk=\u3000a\n", ["\u3000a"]],
  ])("%s", (_, text, values) => {
    expect(valuesOf(read(text), "A", "k")).toEqual(values);
    expect(renderUnitFile(read(text))).toBe(text);
  });

  test("sections are listed once, in order, and the last value wins where one is wanted", () => {
    const document = read("[B]\nk=1\n[A]\n[B]\nk=2\n");
    expect(sectionsOf(document)).toEqual(["B", "A"]);
    expect(valueOf(document, "B", "k")).toBe("2");
    expect(valueOf(document, "A", "k")).toBeNull();
    expect(assignmentsIn(document, "B").map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [5, 1],
    ]);
  });
});

describe("what systemd would skip with a warning is refused, with its place", () => {
  test.each([
    ["[A]\n\n  novalue\n", 'line 3, column 3: "novalue" has no ='],
    ["[A]\n=v\n", "line 2, column 1: no key before the ="],
    ["k=v\n", 'line 1, column 1: "k=v" stands before the first section header'],
    ["# c\n[A\n", 'line 2, column 1: section header "[A" has no closing ]'],
    ["[]\n", 'line 1, column 1: "" is not a section name'],
    ['[A"]\n', 'line 1, column 1: "A\\"" is not a section name'],
    ["[A]\nk=a\\\n# c\nb\n oops\n", 'line 5, column 2: "oops" has no ='],
    ["[A]\nk=\0\n", "line 2, column 3: a NUL character"],
    ["[A]\nk=\uD800\n", "text that is not Unicode (a lone surrogate)"],
  ])("%j", (text, message) => {
    const parsed = parseUnitFile(text);
    expect(parsed).toMatchObject({ ok: false, error: { code: "INVALID_UNIT", message } });
  });
});

const piece = fc.constantFrom(
  "[A]",
  "[X-Fleet]",
  "k=v",
  "k",
  "=",
  " ",
  "\t",
  "\\",
  "#",
  ";",
  "\n",
  "\r",
  "\r\n",
  "\n\r",
  "é",
  "\uFEFF",
  "a b",
  '"',
  "%i",
  "\u2028",
);
const anyText = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
const tame = fc
  .array(fc.constantFrom("[A]\n", "k=v\n", "k=\n", "k = a \\\n", "# c\n", "\n", "  ; c\r\n", "l=\\\\\r\n"), {
    maxLength: 20,
  })
  .map((lines) => `[S]\n${lines.join("")}`);

describe("properties", () => {
  test("rendering what was parsed gives the text back, byte for byte", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, tame, fc.string({ unit: "binary" })), (text) => {
        const parsed = parseUnitFile(text);
        if (parsed.ok) expect(renderUnitFile(parsed.value)).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });

  test("tame files are always accepted, and no value holds an end of line", () => {
    fc.assert(
      fc.property(tame, (text) => {
        for (const item of read(text).items) if (item.kind === "assignment") expect(item.value).not.toMatch(/[\r\n]/);
      }),
    );
  });

  test("every refusal names a line that the file has", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseUnitFile(text);
        if (parsed.ok) return;
        const line = Number(/^line (\d+), column \d+: /.exec(parsed.error.message)?.[1]);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(text.split(/\r\n|\n\r|\r|\n/).length);
      }),
      { numRuns: 1000 },
    );
  });
});
