import { test as property, fc } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { addressIn, chooseSubnet, overlaps, parseSubnet, renderSubnet, type Subnet } from "./subnet.ts";

const subnets = fc
  .record({ bits: fc.integer({ min: 8, max: 32 }), address: fc.nat({ max: 2 ** 32 - 1 }) })
  .map(({ bits, address }): Subnet => {
    const size = 2 ** (32 - bits);
    return { base: Math.floor(address / size) * size, bits };
  });

property.prop([subnets])("what is rendered reads back as the same network", (subnet) => {
  expect(parseSubnet(renderSubnet(subnet))).toEqual(subnet);
});

property.prop([fc.nat(), fc.array(subnets)])("the chosen network overlaps nothing in use", (seed, used) => {
  const chosen = chooseSubnet(seed, used);
  if (chosen !== null) for (const other of used) expect(overlaps(chosen, other)).toBe(false);
});

property.prop([subnets, subnets])("overlapping goes both ways", (left, right) => {
  expect(overlaps(left, right)).toBe(overlaps(right, left));
});

test("a network inside another overlaps it, a neighbour does not", () => {
  const read = (text: string): Subnet => parseSubnet(text) ?? { base: 0, bits: 0 };
  expect(overlaps(read("10.0.0.0/8"), read("10.78.3.0/24"))).toBe(true);
  expect(overlaps(read("10.78.2.0/24"), read("10.78.3.0/24"))).toBe(false);
  expect(overlaps(read("10.78.3.7"), read("10.78.3.0/24"))).toBe(true);
});

test("when everything is taken there is no choice", () => {
  expect(chooseSubnet(0, [{ base: 10 * 2 ** 24, bits: 8 }])).toBeNull();
});

test("the first taken choice is passed over", () => {
  const taken = parseSubnet("10.78.5.0/25");
  expect(renderSubnet(chooseSubnet(5, taken === null ? [] : [taken]) ?? { base: 0, bits: 0 })).toBe("10.78.6.0/24");
});

test.each(["default", "fe80::/64", "256.0.0.1", "10.0.0.0/33", "10.0.0"])("%s is no IPv4 network", (text) => {
  expect(parseSubnet(text)).toBeNull();
});

test("addresses count from the network's lowest", () => {
  expect(addressIn({ base: 10 * 2 ** 24 + 78 * 2 ** 16, bits: 24 }, 11)).toBe("10.78.0.11");
});
