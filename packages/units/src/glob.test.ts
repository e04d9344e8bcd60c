import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { matchGlob, parseGlob } from "./glob.ts";

const RUNS = 1000;
// A limit by the work and not by the clock: at a tenth of a second a run it hangs, however busy the machine is.
vi.setConfig({ testTimeout: RUNS * 100 });

const matches = (pattern: string, text: string): boolean | null => {
  const glob = parseGlob(pattern);
  return glob.ok ? matchGlob(glob.value, text) : null;
};

describe("patterns are those of Go's path.Match", () => {
  test.each<[string, string, boolean]>([
    ["abc", "abc", true],
    ["*", "abc", true],
    ["*c", "abc", true],
    ["a*", "a", true],
    ["a*", "ab/c", false],
    ["a*/b", "abc/b", true],
    ["a*b*c*d*e*/f", "axbxcxdxe/f", true],
    ["a*b*c*d*e*/f", "axbxcxdxexxx/fff", false],
    ["a*b?c*x", "abxbbxdbxebxczzx", true],
    ["a*b?c*x", "abxbbxdbxebxczzy", false],
    ["ab[c]", "abc", true],
    ["ab[b-d]", "abc", true],
    ["ab[e-g]", "abc", false],
    ["ab[^c]", "abc", false],
    ["ab[^e-g]", "abc", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "ab", false],
    ["a?b", "a☺b", true],
    ["a[^a]b", "a☺b", true],
    ["a?b", "a/b", false],
    ["[\\]a]", "]", true],
    ["[\\-x]", "-", true],
    ["web@*.service", "web@2.service", true],
    ["web@*.service", "worker.service", false],
    ["", "", true],
    ["*", "", true],
  ])("%j against %j is %j", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test.each(["[", "[^", "[a", "[]a]", "[-]", "[x-]", "[-x]", "a[", "\\", "[a-b-c]"])("%j is refused", (pattern) => {
    expect(matches(pattern, "a")).toBeNull();
  });

  test("property: without stars and brackets a pattern is a regular expression of dots", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "?"), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab]{0,8}$/), (pattern, text) => {
        expect(matches(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("?", ".")}$`).test(text));
      }),
    );
  });

  test("property: stars match as the regular expression .* does", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(letters, fc.stringMatching(/^[ab]{0,10}$/), (pattern, text) => {
        expect(matches(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
      }),
      { numRuns: RUNS },
    );
  });

  test("many stars cost no more than pattern times text", () => {
    expect(matches(`${"*a".repeat(50)}b`, "a".repeat(256))).toBe(false);
  });
});
