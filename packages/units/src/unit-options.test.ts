import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { areWritable, parseUnitOptions, renderUnitOptions, type UnitOption } from "./unit-options.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const option = (section: string, name: string, value: string): UnitOption => ({ section, name, value });

test.each([
  [
    "options of two sections",
    "[Unit]\nA=1\n\n[Service]\nB=2\n",
    [option("Unit", "A", "1"), option("Service", "B", "2")],
  ],
  ["comments and blank lines are passed over", "# x\n[Unit]\n; y\n\n A = 1 \n", [option("Unit", "A", "1")]],
  [
    "a repeated key, and one that is reset",
    "[S]\nA=1\nA=\nA=2\n",
    [option("S", "A", "1"), option("S", "A", ""), option("S", "A", "2")],
  ],
  [
    "continuation lines stay as they are written",
    "[S]\nA=1 \\\n  2\nB=3\n",
    [option("S", "A", "1 \\\n  2"), option("S", "B", "3")],
  ],
  ["ends of line from Windows", "[S]\r\nA=1\r\nB=2\r\n", [option("S", "A", "1"), option("S", "B", "2")]],
  ["a comment that is continued", "[S]\n# x \\\nA=1\nB=2\n", [option("S", "A", "1"), option("S", "B", "2")]],
  [
    "a section that comes twice",
    "[S]\nA=1\n[T]\nB=2\n[S]\nC=3\n",
    [option("S", "A", "1"), option("T", "B", "2"), option("S", "C", "3")],
  ],
  ["no unit file at all", "no section\n", []],
])("%s", (_, text, options) => {
  expect(parseUnitOptions(text)).toEqual(options);
});

test("a comment between continuation lines is left out, as systemd does, where fleet's clients would take it for text", () => {
  expect(parseUnitOptions("[S]\nA=1 \\\n# why\n  2\n")).toEqual([option("S", "A", "1    2")]);
});

test("sections are gathered and set apart by a blank line", () => {
  const options = [option("S", "A", "1"), option("T", "B", "2"), option("S", "C", "3")];
  expect(renderUnitOptions(options)).toBe("[S]\nA=1\nC=3\n\n[T]\nB=2\n");
  expect(renderUnitOptions([])).toBe("");
});

test.each([
  ["an end of line in a value", option("S", "A", "1\nExecStart=/bin/evil"), false],
  ["a header in a value", option("S", "A", "1\n[X]"), false],
  ["an end of line in a name", option("S", "A\nB", "1"), false],
  ["a section's end in its name", option("S]\n[T", "A", "1"), false],
  ["a continued value", option("S", "A", "1 \\\n 2"), true],
  ["spaces around a value", option("S", "A", " 1 "), false],
  ["an empty value", option("S", "A", ""), true],
])("%s is written as it is, or not at all", (_, given, writable) => {
  expect(areWritable([given])).toBe(writable);
});

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
const options = fc.array(fc.record({ section: word, name: word, value: fc.stringMatching(/^[!-~]{0,12}$/) }), {
  maxLength: 8,
});

test("what can be written is read back as the same options", () => {
  fc.assert(
    fc.property(options, (given) => {
      fc.pre(areWritable(given));
      const text = renderUnitOptions(given);
      expect(renderUnitOptions(parseUnitOptions(text))).toBe(text);
    }),
  );
});
