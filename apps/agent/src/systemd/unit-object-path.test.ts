import { fc, test } from "@fast-check/vitest";
import type { UnitName } from "@quarterdeck/model";
import { expect } from "vitest";
import { unitObjectPath, unitOfObjectPath } from "./unit-object-path.ts";

test.each([
  ["web@2.service", "/org/freedesktop/systemd1/unit/web_402_2eservice"],
  ["9lives.service", "/org/freedesktop/systemd1/unit/_39lives_2eservice"],
  ["a_b-c.service", "/org/freedesktop/systemd1/unit/a_5fb_2dc_2eservice"],
])("%s is the object %s", (name, path) => {
  expect(unitObjectPath(name as UnitName)).toBe(path);
});

test.prop([fc.stringMatching(/^[a-zA-Z0-9:_.@-]{1,40}\.service$/)])("the name comes back from the path", (name) => {
  expect(unitOfObjectPath(unitObjectPath(name as UnitName))).toBe(name);
});

test("an object that is no unit has no name", () => {
  expect(unitOfObjectPath("/org/freedesktop/systemd1/job/7")).toBeNull();
});
