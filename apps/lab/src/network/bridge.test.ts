import { expect, test } from "vitest";
import { parseLinkNames } from "./bridge.ts";

test("interface names are read from /proc/net/dev", () => {
  const text =
    "Inter-|   Receive  |  Transmit\n face |bytes packets\n    lo: 100 1 0\nqd12ab34br: 0 0 0\n qd12ab34m1: 5 5\n";
  expect(parseLinkNames(text)).toEqual(["lo", "qd12ab34br", "qd12ab34m1"]);
});
