import { expect, test } from "vitest";
import { mergeMetadata } from "./merge-metadata.ts";

test("what operators set wins, and an empty value of theirs takes the key away", () => {
  expect(mergeMetadata({ role: "worker", disk: "ssd", bare: "" }, { role: "db", disk: "", rack: "a" })).toEqual({
    role: "db",
    rack: "a",
    bare: "",
  });
});
