import { describe, expect, test } from "vitest";
import { parseWords } from "./parse-words.ts";

describe("a value is split as systemd splits it", () => {
  test.each([
    ["", []],
    ["  a \t b  ", ["a", "b"]],
    ['"a b" c', ["a b", "c"]],
    ["'a \"b\"' c", ['a "b"', "c"]],
    ['a"b c"d', ["ab cd"]],
    ['""', [""]],
    ["a\\x20b\\tc\\u00e9\\U0001F600\\101\\s", ["a b\tcé😀A "]],
  ])("%j", (text, words) => {
    expect(parseWords(text)).toEqual({ ok: true, value: words });
  });

  test("backslashes are left alone where patterns need them", () => {
    expect(parseWords('a\\*b "c\\ d"', "keep")).toEqual({ ok: true, value: ["a\\*b", "c\\ d"] });
  });

  test.each(['"a', "a'", "\\", "\\q", "\\x2", "\\000", "\\xff", "\\uD800"])("%j is refused", (text) => {
    expect(parseWords(text)).toMatchObject({ ok: false, error: { code: "INVALID_UNIT" } });
  });
});
