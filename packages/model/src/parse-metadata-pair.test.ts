import { expect, test } from "vitest";
import { parseMetadataPair } from "./parse-metadata-pair.ts";

test.each([
  ["role=db", ["role", "db"]],
  ["url=http://a:80/x", ["url", "http://a:80/x"]],
  ["role=", ["role", ""]],
])("%s is a pair", (text, pair) => {
  expect(parseMetadataPair(text)).toEqual({ ok: true, value: pair });
});

test.each([
  ["role", "is not key=value"],
  ["=db", 'has the key ""'],
  ["__proto__=x", 'has the key "__proto__"'],
  ["a b=c", 'has the key "a b"'],
  ["role=a=b", 'has the value "a=b"'],
  ["role=$(id)", 'has the value "$(id)"'],
  [`role=${"x".repeat(129)}`, "has the value"],
])("%s is refused, by name and rule", (text, message) => {
  expect(parseMetadataPair(text)).toMatchObject({
    ok: false,
    error: {
      code: "USAGE",
      message: expect.stringContaining(message),
      why: expect.any(String),
      try: expect.any(String),
    },
  });
});
