import { expect, test } from "vitest";
import { renderFaults } from "./faults.ts";

test("without faults only the removal of the table is left", () => {
  expect(renderFaults("qd123456", { cutPairs: [], loss: new Map() })).toBe(
    "table bridge qd123456 {}\ndelete table bridge qd123456\n",
  );
});

test("a cut pair hears nothing in either direction; loss also hits traffic with the host", () => {
  expect(renderFaults("qd123456", { cutPairs: [["qd123456m1", "qd123456m2"]], loss: new Map([["qd123456m3", 50]]) }))
    .toMatchInlineSnapshot(`
    "table bridge qd123456 {}
    delete table bridge qd123456
    table bridge qd123456 {
      chain between_machines {
        type filter hook forward priority 0; policy accept;
        iifname "qd123456m1" oifname "qd123456m2" drop
        iifname "qd123456m2" oifname "qd123456m1" drop
        iifname "qd123456m3" numgen random mod 1000 < 50 drop
        oifname "qd123456m3" numgen random mod 1000 < 50 drop
      }
      chain to_host {
        type filter hook input priority 0; policy accept;
        iifname "qd123456m3" numgen random mod 1000 < 50 drop
      }
      chain from_host {
        type filter hook output priority 0; policy accept;
        oifname "qd123456m3" numgen random mod 1000 < 50 drop
      }
    }
    "
  `);
});
