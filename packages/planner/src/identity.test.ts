import type { UnitName } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { aMachine, at, aUnit, aView } from "./testing/build-view.ts";
import { settleDown } from "./testing/settle-down.ts";

test("the entry of a unit with an identity names it, on the one machine that runs the unit; no other entry names one", () => {
  const units = [aUnit("bot.service" as UnitName, { options: { identity: "bot" } }), aUnit("web.service" as UnitName)];
  const { entries } = settleDown(aView([aMachine(1), aMachine(2)], units), at(60));
  expect(new Map(entries.map(({ unit, entry }) => [unit, entry.identity]))).toEqual(
    new Map([
      ["bot.service", "bot"],
      ["web.service", undefined],
    ]),
  );
  expect(entries).toHaveLength(2);
});
