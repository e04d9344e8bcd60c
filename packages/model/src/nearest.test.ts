import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["depoly", "deploy"],
  ["statsu", "status"],
  ["MachineMetadta", "MachineMetadata"],
])("%s was meant to be %s", (word, meant) => {
  expect(nearest(word, ["deploy", "destroy", "status", "start", "MachineMetadata", "MachineOf"])).toBe(meant);
});

test("an ending that both names have makes them no nearer", () => {
  expect(nearest("nowhere.service", ["web@.service", "hello.service"])).toBeNull();
  expect(nearest("helo.service", ["web@.service", "hello.service"])).toBe("hello.service");
});

test("two letters that changed places are one mistake, and half of a short word is too much", () => {
  expect(nearest("wbe", ["db", "web"])).toBe("web");
  expect(nearest("nope.service", ["type.service"])).toBeNull();
  expect(nearest("hi", ["up"])).toBeNull();
});

test("nothing is near to a word that resembles nothing", () => {
  expect(nearest("kubernetes", ["deploy", "status"])).toBeNull();
  expect(nearest("x", [])).toBeNull();
});
