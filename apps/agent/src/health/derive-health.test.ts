import { HEALTH_TIMING } from "@quarterdeck/units";
import { expect, test } from "vitest";
import { deriveHealth, UNASKED, type ProbeResult } from "./derive-health.ts";

const ok: ProbeResult = { ok: true, definite: true, detail: "HTTP 200" };
const refused: ProbeResult = { ok: false, definite: false, detail: "ECONNREFUSED" };
const broken: ProbeResult = { ok: false, definite: true, detail: "HTTP 500" };

const after = (results: readonly ProbeResult[], thresholds = HEALTH_TIMING) => {
  const { health, detail } = results.reduce((memory, result) => deriveHealth(memory, result, thresholds), UNASKED);
  return { health, detail };
};

test.each([
  ["one success passes", [ok], "passing", "HTTP 200"],
  [
    "a port that nobody listens on yet is a unit that is starting, however long",
    [refused, refused, refused, refused, refused],
    "unknown",
    "ECONNREFUSED",
  ],
  ["two definite failures may be a slow start", [broken, broken], "unknown", "HTTP 500"],
  ["three definite failures are failing", [refused, broken, broken, broken], "failing", "HTTP 500"],
  ["a success after failing passes at once", [broken, broken, broken, ok], "passing", "HTTP 200"],
  ["two failures after passing change nothing, not even the detail", [ok, broken, refused], "passing", "HTTP 200"],
  ["three failures of any kind after passing are failing", [ok, refused, refused, broken], "failing", "HTTP 500"],
  ["a success between failures begins the count anew", [ok, broken, broken, ok, broken, broken], "passing", "HTTP 200"],
  ["failing stays failing when nobody answers any more", [broken, broken, broken, refused], "failing", "ECONNREFUSED"],
] as const)("%s", (_, results, health, detail) => {
  expect(after(results)).toEqual({ health, detail });
});

test.each([
  ["two good answers of three are not enough", [ok, ok], "unknown"],
  ["three in a row are", [broken, ok, ok, ok], "passing"],
  ["a failure between them begins the count anew", [ok, ok, broken, ok, ok], "unknown"],
  ["five failures are failing", [ok, ok, ok, broken, refused, broken, refused, broken], "failing"],
  ["four are not", [ok, ok, ok, broken, refused, broken, refused], "passing"],
  ["failing stays failing until as many are good", [broken, broken, broken, broken, broken, ok, ok], "failing"],
] as const)("with thresholds of 3 and 5 %s", (_, results, health) => {
  expect(after(results, { ...HEALTH_TIMING, healthyThreshold: 3, unhealthyThreshold: 5 }).health).toBe(health);
});
