import { expect, test } from "vitest";
import { isNewEnough, parseEtcdVersion } from "./etcd-version.ts";

test.each([
  ["etcd Version: 3.6.16\nGit SHA: Not provided\nGo Version: go1.26\n", "3.6.16"],
  ["etcd Version: 3.7.0-rc.1\n", "3.7.0-rc.1"],
  ["something else\n", null],
  ["etcd Version: x.y\n", null],
])("the version is read from %j", (text, version) => {
  expect(parseEtcdVersion(text)).toBe(version);
});

test.each([
  ["3.4.23", false],
  ["3.5.0", true],
  ["3.10.1", true],
  ["4.0.0", true],
  ["2.9.9", false],
])("%s is new enough: %s", (version, answer) => {
  expect(isNewEnough(version)).toBe(answer);
});
