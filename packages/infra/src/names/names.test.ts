import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeMembers } from "./members.ts";
import { memberClientUrl, memberHost, memberPeerUrl, privateDomain } from "./private-names.ts";
import { renderTags } from "./tags.ts";

const zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"];
const sizes = fc.constantFrom(1, 3, 5, 7);

describe("the members' places", () => {
  test("are these for five over three zones", () => {
    expect(placeMembers(5, zones.slice(0, 3)).map(({ id, zone }) => `${id} ${zone}`)).toEqual([
      "a us-east-1a",
      "b us-east-1b",
      "c us-east-1c",
      "d us-east-1a",
      "e us-east-1b",
    ]);
  });

  test("stay when a zone is added behind the third, or a member", () => {
    fc.assert(
      fc.property(sizes, sizes, fc.integer({ min: 3, max: 5 }), (size, other, count) => {
        const [small, large] = [Math.min(size, other), Math.max(size, other)];
        expect(placeMembers(large, zones.slice(0, count)).slice(0, small)).toEqual(
          placeMembers(small, zones.slice(0, 3)),
        );
      }),
    );
  });

  test("leave a majority when any one zone is lost", () => {
    fc.assert(
      fc.property(fc.constantFrom(3, 5, 7), fc.shuffledSubarray(zones, { minLength: 3 }), (size, chosen) => {
        const members = placeMembers(size, chosen);
        for (const zone of chosen) {
          expect(members.filter((member) => member.zone !== zone).length).toBeGreaterThan(size / 2);
        }
      }),
    );
  });

  test("are no one's without a zone, or beyond the seventh", () => {
    expect(() => placeMembers(3, [])).toThrow(/3 members over 0 zones/);
    expect(() => placeMembers(9, zones)).toThrow(/9 members/);
  });
});

test("a member is named and reached by its id, whatever its machine", () => {
  expect(privateDomain("prod")).toBe("prod.internal");
  expect(memberHost("prod", { id: "a" })).toBe("etcd-a.prod.internal");
  expect(memberClientUrl("prod", { id: "a" })).toBe("https://etcd-a.prod.internal:2379");
  expect(memberPeerUrl("prod", { id: "a" })).toBe("https://etcd-a.prod.internal:2380");
  expect(memberHost("q".repeat(32), { id: "g" }).length).toBeLessThanOrEqual(64);
});

test("tags name the cluster and the part, and the member of what belongs to one", () => {
  expect(renderTags({ cluster: "prod", part: "etcd", member: "a", name: "etcd-a-data" })).toEqual({
    Name: "prod-etcd-a-data",
    "quarterdeck:cluster": "prod",
    "quarterdeck:part": "etcd",
    "quarterdeck:member": "a",
  });
  expect(renderTags({ cluster: "prod", part: "network", name: "vpc" })).not.toHaveProperty("quarterdeck:member");
});
