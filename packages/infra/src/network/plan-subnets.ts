import { refuse, succeed, type Result } from "@quarterdeck/model";
import { overlapCidrs, parseCidr, partOfCidr, renderCidr, type Cidr } from "./cidr.ts";

/** What one zone has of the network. */
export interface ZoneSubnets {
  /** As AWS names it: `eu-central-1a`. */
  readonly zone: string;
  /** Reached and reaching out through the internet gateway; the first half of the zone's block. */
  readonly publicCidr: string;
  /** Reaching out by NAT, or not at all; the second half. */
  readonly privateCidr: string;
}

/** How many zones a network has room for, `a` to `h`: more than any region has. */
export const ZONE_SLOTS = 8;

const SLOT_BITS = Math.log2(ZONE_SLOTS);

/** AWS takes networks from /16 to /28; below /24 a zone's two subnets would be smaller than its smallest subnet, /28. */
const PREFIX_LENGTHS = { from: 16, to: 24 } as const;

// What Docker gives its own bridge on every machine: an address of the network in there would never be reached from a container.
const DOCKER_BRIDGE: Cidr = { base: 0xac_11_00_00, prefixLength: 16 };

/**
 * Cuts a network into a public and a private subnet for each zone, in the order of `zones`. The block of a zone is its letter's eighth of
 * the network, whatever other zones there are: a zone that is added or taken away moves no subnet, and all eight leave no gap.
 * Refused: a network of another size than /16 to /24 or over Docker's bridge, no zone, a zone named twice, of another region, or not one
 * of the letters `a` to `h`.
 */
export function planSubnets(vpcCidr: string, zones: readonly string[]): Result<readonly ZoneSubnets[]> {
  const network = parseNetwork(vpcCidr);
  if (!network.ok) return network;
  const fault = faultOfZones(zones);
  if (fault !== null) return refuseField("zones", zones.join(", "), fault, "list zones of one region, each once");
  return succeed(
    zones.map((zone) => {
      const slot = partOfCidr(network.value, SLOT_BITS, slotOf(zone));
      return {
        zone,
        publicCidr: renderCidr(partOfCidr(slot, 1, 0)),
        privateCidr: renderCidr(partOfCidr(slot, 1, 1)),
      };
    }),
  );
}

function parseNetwork(vpcCidr: string): Result<Cidr> {
  const parsed = parseCidr(vpcCidr);
  if (!parsed.ok) return refuse({ ...parsed.error, message: `vpcCidr: ${parsed.error.message}` });
  const { prefixLength } = parsed.value;
  if (prefixLength < PREFIX_LENGTHS.from || prefixLength > PREFIX_LENGTHS.to)
    return refuseField("vpcCidr", vpcCidr, "must be from /16 to /24, so that eight zones fit", "10.78.0.0/16");
  if (overlapCidrs(parsed.value, DOCKER_BRIDGE))
    return refuseField("vpcCidr", vpcCidr, "must not overlap 172.17.0.0/16, Docker's own bridge", "10.78.0.0/16");
  return parsed;
}

const ZONE = /^([a-z]{2}(?:-[a-z]+)+-\d)([a-h])$/;

const slotOf = (zone: string): number => (zone.at(-1) ?? "a").charCodeAt(0) - "a".charCodeAt(0);

function faultOfZones(zones: readonly string[]): string | null {
  if (zones.length === 0) return "must name at least one zone";
  const strange = zones.find((zone) => !ZONE.test(zone));
  if (strange !== undefined) return `${JSON.stringify(strange)} must be a region and a letter from a to h`;
  if (new Set(zones).size < zones.length) return "must name each zone once";
  if (new Set(zones.map((zone) => ZONE.exec(zone)?.[1])).size > 1) return "must be of one region";
  return null;
}

const refuseField = (field: string, value: string, rule: string, fix: string) =>
  refuse({ code: "INVALID_CONFIG" as const, message: `${field}: ${JSON.stringify(value)} ${rule}`, try: fix });
