import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseInfraConfig, type RawConfig } from "../config/parse-config.ts";
import type { InfraConfig } from "../config/schema.ts";
import { estimateCost, renderCost } from "./estimate-cost.ts";

const here = { region: "us-east-1", zones: 3 };
const configured = (raw: RawConfig): InfraConfig => {
  const parsed = parseInfraConfig(raw, "dev");
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};
const closed = { publicAddresses: "false" };
const linesOf = (raw: RawConfig) => estimateCost(configured(raw), here).lines;

describe("the estimate of a month", () => {
  test("of the default is this, to the cent", () => {
    expect(renderCost(estimateCost(configured({}), here))).toBe(
      [
        "$45.55  3 × t3.small",
        "$10.95  3 public addresses",
        " $5.76  3 × 16 + 8 GiB of gp3",
        " $1.00  1 KMS key of the cluster's CA",
        "$63.26  a month",
        "List prices of us-east-1, 2026-07-28. Not counted: traffic to the internet and between zones; objects in S3, secrets, private DNS, metrics and alarms, whose prices are not known here; surplus CPU credits of burstable instances.",
      ].join("\n"),
    );
  });

  test.each([
    ["instance", ["1 public address", 3.65], ["1 × t3.nano as NAT", 3.8]],
    ["single", ["1 public address", 3.65], ["1 NAT gateway", 32.85]],
    ["per-zone", ["3 public addresses", 10.95], ["3 NAT gateways", 98.55]],
  ] as const)("of NAT %s has an address for each and no other", (nat, [address, addressUsd], [what, monthlyUsd]) => {
    const lines = linesOf({ ...closed, nat });
    expect(lines).toContainEqual({ what: address, monthlyUsd: addressUsd });
    expect(lines).toContainEqual({ what, monthlyUsd });
  });

  test("counts an endpoint once in each zone", () => {
    expect(linesOf({ interfaceEndpoints: `["ssm","ssmmessages","ec2messages"]` })).toContainEqual({
      what: "3 × 3 zones of interface endpoints",
      monthlyUsd: 65.7,
    });
  });

  test("makes no NAT in a network that is there already", () => {
    const raw = { vpcId: "vpc-01234567", subnetIds: `["subnet-01234567"]`, size: "1", ...closed };
    expect(linesOf(raw).map(({ what }) => what)).toEqual([
      "1 × t3.small",
      "1 × 16 + 8 GiB of gp3",
      "1 KMS key of the cluster's CA",
    ]);
  });

  test("says that it does not know a price, and guesses none", () => {
    const estimate = estimateCost(configured({ instanceType: "x9z.large" }), here);
    expect(estimate.lines.at(-1)).toEqual({ what: "3 × x9z.large", monthlyUsd: null });
    expect(estimate.knownUsd).toBe(17.71);
    expect(renderCost(estimate)).toContain("unknown  3 × x9z.large\n $17.71  a month, without the 1 of unknown price");
  });

  test("says of another region that its prices are not these", () => {
    const { notCounted } = estimateCost(configured({}), { ...here, region: "eu-central-1" });
    expect(notCounted[0]).toBe("what eu-central-1 costs more or less than us-east-1");
  });

  test("is never less for more of anything", () => {
    const sizes = fc.tuple(fc.constantFrom(1, 3, 5, 7), fc.constantFrom(1, 3, 5, 7));
    const volumes = fc.tuple(fc.integer({ min: 10, max: 100 }), fc.integer({ min: 10, max: 100 }));
    fc.assert(
      fc.property(sizes, volumes, ([size, otherSize], [volume, otherVolume]) => {
        const usd = (members: number, GiB: number) =>
          estimateCost(configured({ size: `${members}`, dataVolumeGiB: `${GiB}` }), here).knownUsd;
        const less = usd(Math.min(size, otherSize), Math.min(volume, otherVolume));
        const more = usd(Math.max(size, otherSize), Math.max(volume, otherVolume));
        expect(less).toBeLessThanOrEqual(more);
      }),
    );
  });
});
