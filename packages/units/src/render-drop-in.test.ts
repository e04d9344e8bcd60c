import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { parseUnitFile } from "./parse-unit-file.ts";
import { parseWords } from "./parse-words.ts";
import { renderDropIn } from "./render-drop-in.ts";
import { valuesOf } from "./unit-document.ts";

const RUNS = 1000;
// A limit by the work and not by the clock: at a tenth of a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 100 });

/** What systemd makes of a drop-in: words, then specifiers. */
function environmentOf(text: string): Record<string, string> {
  const document = parseUnitFile(text);
  if (!document.ok) throw new Error(document.error.message);
  expect(
    document.value.items.every(
      (item) =>
        item.kind === "section" ||
        (item.kind === "assignment" && item.section === "Service" && item.key === "Environment"),
    ),
  ).toBe(true);
  return Object.fromEntries(
    valuesOf(document.value, "Service", "Environment").map((value) => {
      const words = parseWords(value);
      if (!words.ok || words.value.length !== 1) throw new Error(`not one word: ${value}`);
      const [word = ""] = words.value;
      return [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1).replaceAll("%%", "%")];
    }),
  );
}

describe("the drop-in hands values over as they are", () => {
  test("an image by digest, names in order", () => {
    expect(renderDropIn({ IMAGE: "ghcr.io/acme/web@sha256:ab", A: "1" })).toEqual({
      ok: true,
      value: '[Service]\nEnvironment="A=1"\nEnvironment="IMAGE=ghcr.io/acme/web@sha256:ab"\n',
    });
  });

  test.each([
    ['a"b', '"A=a\\"b"'],
    ["a\\", '"A=a\\\\"'],
    ["%i", '"A=%%i"'],
    ["${PATH} $(id) `id`", '"A=${PATH} $(id) `id`"'],
    ["# ; [X]", '"A=# ; [X]"'],
    ["", '"A="'],
  ])("%j is written as %s", (value, written) => {
    expect(renderDropIn({ A: value })).toEqual({ ok: true, value: `[Service]\nEnvironment=${written}\n` });
  });

  test.each([
    ["A", "a\nExecStart=/bin/sh"],
    ["A", "a\rb"],
    ["A", "\0"],
    ["A", "\t"],
    ["A", "\u0085"],
    ["A", "\uD800"],
    ["a", "x"],
    ["1A", "x"],
    ["A=B", "x"],
    ["", "x"],
  ])("%j with value %j is refused", (name, value) => {
    expect(renderDropIn({ [name]: value })).toMatchObject({ ok: false, error: { code: "INVALID_UNIT" } });
  });
});

test("property: whatever is accepted comes out of a parser as it went in, and nothing else comes out", () => {
  const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("\\", '"', "'", "%", " ", "=", "a", "#", "[", "]", "\n", "$"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(fc.dictionary(name, value), (environment) => {
      const rendered = renderDropIn(environment);
      if (rendered.ok) expect(environmentOf(rendered.value)).toEqual({ ...environment });
      else expect(Object.values(environment).some((text) => /\p{Cc}/u.test(text) || !text.isWellFormed())).toBe(true);
    }),
    { numRuns: RUNS },
  );
});
