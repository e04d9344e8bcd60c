import { expect, test } from "vitest";
import { missingRights } from "./probe.ts";

test("root of a plain container lacks the rights that machines need", () => {
  expect(missingRights(0, "CapEff:\t00000000a80425fb\n")).toEqual(["no CAP_SYS_ADMIN", "no CAP_NET_ADMIN"]);
});

test("full root lacks nothing", () => {
  expect(missingRights(0, "CapEff:\t000001ffffffffff\n")).toEqual([]);
});

test("whoever is not root is told just that", () => {
  expect(missingRights(1000, "CapEff:\t000001ffffffffff\n")).toEqual(["not root"]);
});
