import { expect, test } from "vitest";
import { isTrusted } from "./is-trusted.ts";

const hosts = ["127.0.0.1:4646", "localhost:4646"];

test.each([
  ["a program", "127.0.0.1:4646", undefined, true],
  ["our own page", "localhost:4646", "http://localhost:4646", true],
  ["a name pointed at this address", "evil.example:4646", undefined, false],
  ["another page", "127.0.0.1:4646", "http://evil.example", false],
  ["our page by another name", "127.0.0.1:4646", "http://localhost:4646", false],
  ["a sandboxed frame", "127.0.0.1:4646", "null", false],
  ["another port", "127.0.0.1:80", undefined, false],
  ["nobody", undefined, undefined, false],
])("%s", (_, host, origin, trusted) => {
  expect(isTrusted({ host, origin }, hosts)).toBe(trusted);
});
