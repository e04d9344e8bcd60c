import { expect, test } from "vitest";
import { renderFaults } from "./faults.ts";

test("without faults only the removal of the table is left", () => {
  expect(renderFaults("qd123456", { cutPairs: [], loss: new Map() })).toBe("table bridge qd123456 {}\ndelete table bridge qd123456\n");
});

test("a cut pair hears nothing in either direction; loss also hits traffic with the host", () => {
  expect(renderFaults("qd123456", { cutPairs: [["qd123456m1", "qd123456m2"]], loss: new Map([["qd123456m3", 50]]) })).toMatchInlineSnapshot();
});
