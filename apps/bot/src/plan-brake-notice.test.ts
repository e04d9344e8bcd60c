import type { Entry } from "@quarterdeck/etcd";
import type { Brake, Timestamp } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { BrakeNotice } from "./brake-notice.ts";
import { planBrakeNotice } from "./plan-brake-notice.ts";

const FIRST = "2026-11-24T00:00:00.000Z" as Timestamp;
const SECOND = "2026-11-24T01:00:00.000Z" as Timestamp;

const brake = (since: Timestamp | null, modRevision: bigint): Entry<Brake> => ({
  path: "brake",
  names: [],
  createRevision: 1n,
  modRevision,
  value: { v: 1, on: since === null ? null : { since, reason: { code: "BRAKED", text: "gone" } }, release: null },
});
const notice = (changes: Partial<BrakeNotice> = {}): BrakeNotice => ({
  v: 1,
  since: FIRST,
  channel: "C1",
  ts: "1",
  shown: "5",
  ended: false,
  ...changes,
});

test.each([
  ["nothing was ever braked", null, null, null],
  ["it came on", brake(FIRST, 5n), null, "ask"],
  ["the one that was to post died first", brake(FIRST, 5n), notice({ ts: "" }), "ask"],
  ["all is told", brake(FIRST, 5n), notice(), null],
  ["its facts changed", brake(FIRST, 6n), notice(), "update"],
  ["it was released", brake(null, 6n), notice(), "end"],
  ["it went off by itself", null, notice(), "end"],
  ["it went off before anybody was told", null, notice({ ts: "" }), "end"],
  ["the release ends later", brake(null, 7n), notice({ ended: true }), null],
  ["it came on again", brake(SECOND, 9n), notice({ ended: true }), "ask"],
  ["it came on again, and nobody told that it was off", brake(SECOND, 9n), notice(), "end"],
] as const)("when %s", (_, stored, known, kind) => {
  const step = planBrakeNotice(stored, known, "ops");
  expect(step?.kind ?? null).toBe(kind);
  // What stands there once it was told leads to the next step, never to the same one.
  if (step !== null)
    expect(planBrakeNotice(stored, { ...step.notice, ts: "1" }, "ops")).not.toMatchObject({ kind: step.kind });
});

test("a mishap that was overtaken says so, and keeps the place of its own message", () => {
  expect(planBrakeNotice(brake(SECOND, 9n), notice(), "other")).toEqual({
    kind: "end",
    overtaken: true,
    notice: notice({ shown: "9", ended: true }),
  });
});
