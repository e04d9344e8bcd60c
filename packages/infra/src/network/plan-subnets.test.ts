import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { containsCidr, overlapCidrs, parseCidr, sizeOfCidr, type Cidr } from "./cidr.ts";
import { planSubnets, ZONE_SLOTS, type ZoneSubnets } from "./plan-subnets.ts";

const letters = ["a", "b", "c", "d", "e", "f", "g", "h"];
const zonesOf = (chosen: readonly string[]) => chosen.map((letter) => `eu-central-1${letter}`);
const someZones = fc.shuffledSubarray(letters, { minLength: 1 }).map(zonesOf);
const networks = fc
  .record({ second: fc.integer({ min: 0, max: 255 }), prefixLength: fc.integer({ min: 16, max: 24 }) })
  .map(({ second, prefixLength }) => `10.${second}.0.0/${prefixLength}`);

const blockOf = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};
const planned = (network: string, zones: readonly string[]): readonly ZoneSubnets[] => {
  const plan = planSubnets(network, zones);
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
};
const blocksOf = (plan: readonly ZoneSubnets[]) =>
  plan.flatMap(({ publicCidr, privateCidr }) => [blockOf(publicCidr), blockOf(privateCidr)]);

describe("the subnets of a network", () => {
  test("lie inside it, none over another, each large enough for AWS and with room for machines", () => {
    fc.assert(
      fc.property(networks, someZones, (network, zones) => {
        const blocks = blocksOf(planned(network, zones));
        expect(blocks).toHaveLength(2 * zones.length);
        for (const [index, block] of blocks.entries()) {
          expect(containsCidr(blockOf(network), block)).toBe(true);
          expect(block.prefixLength).toBeLessThanOrEqual(28);
          // AWS keeps five of them.
          expect(sizeOfCidr(block) - 5).toBeGreaterThanOrEqual(11);
          expect(blocks.slice(index + 1).filter((other) => overlapCidrs(block, other))).toEqual([]);
        }
      }),
    );
  });

  test("leave no gap when every zone there can be has its own", () => {
    fc.assert(
      fc.property(networks, (network) => {
        const sizes = blocksOf(planned(network, zonesOf(letters))).map(sizeOfCidr);
        expect(letters).toHaveLength(ZONE_SLOTS);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(sizeOfCidr(blockOf(network)));
      }),
    );
  });

  test("of a zone stay where they are, whatever other zones come, go or change places", () => {
    fc.assert(
      fc.property(networks, someZones, someZones, (network, before, after) => {
        const moved = planned(network, after);
        for (const zone of planned(network, before)) {
          const same = moved.find((candidate) => candidate.zone === zone.zone);
          if (same !== undefined) expect(same).toEqual(zone);
        }
      }),
    );
  });

  test("come in the order of the zones, and are these", () => {
    expect(planned("10.78.0.0/16", ["us-east-1b", "us-east-1a"])).toEqual([
      { zone: "us-east-1b", publicCidr: "10.78.32.0/20", privateCidr: "10.78.48.0/20" },
      { zone: "us-east-1a", publicCidr: "10.78.0.0/20", privateCidr: "10.78.16.0/20" },
    ]);
  });

  test.each([
    ["10.0.0.0/8", ["us-east-1a"], /vpcCidr: "10.0.0.0\/8" must be from \/16 to \/24/],
    ["10.78.0.0/25", ["us-east-1a"], /vpcCidr: .* must be from \/16 to \/24/],
    ["10.78.0.1/24", ["us-east-1a"], /vpcCidr: "10.78.0.1\/24" is not a CIDR block/],
    ["172.17.4.0/24", ["us-east-1a"], /vpcCidr: "172.17.4.0\/24" must not overlap 172.17.0.0\/16/],
    ["10.78.0.0/16", [], /zones: "" must name at least one zone/],
    ["10.78.0.0/16", ["us-east-1a", "us-east-1a"], /zones: .* must name each zone once/],
    ["10.78.0.0/16", ["us-east-1a", "us-west-2b"], /zones: .* must be of one region/],
    ["10.78.0.0/16", ["us-east-1i"], /"us-east-1i" must be a region and a letter from a to h/],
    ["10.78.0.0/16", ["us-west-2-lax-1"], /"us-west-2-lax-1" must be a region and a letter/],
  ] as const)("are refused for %s over %j by field, value and rule", (network, zones, message) => {
    const plan = planSubnets(network, zones);
    expect(plan).toEqual({ ok: false, error: expect.objectContaining({ code: "INVALID_CONFIG" }) });
    expect(!plan.ok && plan.error.message).toMatch(message);
    expect(!plan.ok && plan.error.try).toBeTruthy();
  });

  test("may lie beside Docker's bridge", () => {
    expect(planSubnets("172.16.0.0/16", ["us-east-1a"]).ok).toBe(true);
    expect(planSubnets("172.18.0.0/16", ["us-east-1a"]).ok).toBe(true);
  });
});
