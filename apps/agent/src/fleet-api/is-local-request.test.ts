import { expect, test } from "vitest";
import { isLocalRequest } from "./is-local-request.ts";

test.each([
  ["an address", { host: "127.0.0.1:49153" }, true],
  ["an address of version 6", { host: "[::1]:49153" }, true],
  ["another address of the machine", { host: "10.78.0.11" }, true],
  ["localhost", { host: "localhost:49153" }, true],
  ["a name that leads here", { host: "evil.example:49153" }, false],
  ["a name that looks like an address", { host: "127.0.0.1.evil.example" }, false],
  ["a page's origin", { host: "127.0.0.1:49153", origin: "http://127.0.0.1:49153" }, false],
  ["no host", {}, false],
])("a request with %s", (_, headers, local) => {
  expect(isLocalRequest(headers)).toBe(local);
});
