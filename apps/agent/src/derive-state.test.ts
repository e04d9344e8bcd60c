import type { Incarnation, ScheduleEntry, Sha256 } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { AppliedUnit } from "./applied-unit.ts";
import { deriveState } from "./derive-state.ts";
import { NOT_THERE } from "./ports.ts";
import { hashOf } from "./unit-files.ts";

const hash = hashOf("text") satisfies Sha256;
const incarnation = "7" as Incarnation;
const entry: ScheduleEntry = {
  v: 1,
  incarnation,
  generation: 2,
  hash,
  environment: {},
  release: null,
  target: { kind: "launched" },
  reason: { code: "STAYS", text: "" },
};
const record: AppliedUnit = {
  incarnation,
  generation: 2,
  release: null,
  hash,
  environment: {},
  target: "launched",
  entryRevision: "101",
  bootId: "boot 2",
  acting: null,
  problem: null,
};
const derive = (changes: Partial<AppliedUnit>) =>
  deriveState({
    scheduled: { entry, revision: "101" },
    record: { ...record, ...changes },
    observed: { ...NOT_THERE, load: "loaded" },
    health: null,
    problem: null,
    previous: null,
    bootId: "boot 2",
    now: new Date(0),
  });

test("an entry whose start is under way, after a boot too, is not carried out yet: a job that has not begun must not look done", () => {
  expect(derive({}).entryRevision).toBe("101");
  expect(derive({ acting: { invocationBefore: "" } }).entryRevision).toBeNull();
});
