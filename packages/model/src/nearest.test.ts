import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["depoly", "deploy"],
  ["statsu", "status"],
  ["MachineMetadta", "MachineMetadata"],
])("%s was meant to be %s", (word, meant) => {
  expect(nearest(word, ["deploy", "destroy", "status", "start", "MachineMetadata", "MachineOf"])).toBe(meant);
});

test("nothing is near to a word that resembles nothing", () => {
  expect(nearest("kubernetes", ["deploy", "status"])).toBeNull();
  expect(nearest("x", [])).toBeNull();
});
