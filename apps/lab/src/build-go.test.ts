import { expect, test } from "vitest";
import { parseGoVersion } from "./build-go.ts";

test.each([
  ["go version go1.26.8 linux/amd64", [1, 26]],
  ["go version go1.25rc1 linux/arm64", [1, 25]],
  ["nonsense", null],
])("Go's version is read from %j", (text, version) => {
  expect(parseGoVersion(text)).toEqual(version);
});
