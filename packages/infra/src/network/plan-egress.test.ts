import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { INTERFACE_ENDPOINTS, NAT_MODES, NEEDED_ENDPOINTS, planEgress, type EgressWish } from "./plan-egress.ts";

const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const cheapest: EgressWish = { nat: "none", publicAddresses: true, interfaceEndpoints: [], imageMirror: "", zones };
const closed: EgressWish = { ...cheapest, publicAddresses: false };

const wishes = fc.record({
  nat: fc.constantFrom(...NAT_MODES),
  publicAddresses: fc.boolean(),
  interfaceEndpoints: fc.subarray([...INTERFACE_ENDPOINTS]),
  imageMirror: fc.constantFrom("", "mirror.example:5000"),
  zones: fc.subarray(zones, { minLength: 1 }),
});

describe("the ways out", () => {
  test("by default are public addresses behind an internet gateway, with nothing that costs by the hour", () => {
    expect(planEgress(cheapest)).toEqual({
      ok: true,
      value: {
        machineSubnets: "public",
        natZones: [],
        natKind: null,
        natOf: { "us-east-1a": null, "us-east-1b": null, "us-east-1c": null },
        internetGateway: true,
        interfaceEndpoints: [],
      },
    });
  });

  test.each([
    ["instance", "instance", ["us-east-1a"], ["us-east-1a", "us-east-1a", "us-east-1a"]],
    ["single", "gateway", ["us-east-1a"], ["us-east-1a", "us-east-1a", "us-east-1a"]],
    ["per-zone", "gateway", zones, zones],
  ] as const)("through NAT %s stand and lead as that says", (nat, natKind, natZones, through) => {
    expect(planEgress({ ...closed, nat })).toEqual({
      ok: true,
      value: expect.objectContaining({
        machineSubnets: "private",
        natKind,
        natZones,
        natOf: Object.fromEntries(zones.map((zone, index) => [zone, through[index]])),
        internetGateway: true,
      }),
    });
  });

  test("are none at all only where every needed endpoint and a mirror are there, and then need no internet gateway", () => {
    const sealed = { ...closed, interfaceEndpoints: NEEDED_ENDPOINTS, imageMirror: "mirror.example:5000" };
    expect(planEgress(sealed)).toMatchObject({ ok: true, value: { internetGateway: false, natZones: [] } });
    for (const missing of NEEDED_ENDPOINTS) {
      const refused = planEgress({
        ...sealed,
        interfaceEndpoints: NEEDED_ENDPOINTS.filter((name) => name !== missing),
      });
      expect(!refused.ok && refused.error.message).toBe(
        `nat: "none" without publicAddresses needs the interface endpoints ${missing}`,
      );
    }
    const unmirrored = planEgress({ ...sealed, imageMirror: "" });
    expect(!unmirrored.ok && unmirrored.error.message).toBe(`nat: "none" without publicAddresses needs an imageMirror`);
  });

  test("do not pass through a NAT beside public addresses, which would be paid for nothing", () => {
    expect(planEgress({ ...cheapest, nat: "single" })).toEqual({
      ok: false,
      error: expect.objectContaining({
        message: `nat: "single" must be "none" where publicAddresses is true`,
        why: expect.stringContaining("cost money"),
        try: expect.stringContaining("pulumi config set"),
      }),
    });
  });

  test("of any plan leave no private machine without a route, unless it asked for that with all it takes", () => {
    fc.assert(
      fc.property(wishes, (wish) => {
        const plan = planEgress(wish);
        if (!plan.ok) return;
        const { machineSubnets, natOf, natZones } = plan.value;
        expect(Object.keys(natOf)).toEqual(wish.zones);
        for (const through of Object.values(natOf)) expect(through === null || natZones.includes(through)).toBe(true);
        const routed = machineSubnets === "public" || Object.values(natOf).every((through) => through !== null);
        const sealed =
          wish.imageMirror !== "" && NEEDED_ENDPOINTS.every((name) => plan.value.interfaceEndpoints.includes(name));
        expect(routed || sealed).toBe(true);
      }),
    );
  });
});
