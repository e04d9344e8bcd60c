import { refuse, succeed, type Result } from "@quarterdeck/model";
import type { NetworkPlace } from "./components/network-place.ts";
import { Network } from "./components/network.ts";
import type { InfraConfig } from "./config/schema.ts";
import { chooseZones } from "./machines/choose-zones.ts";
import { planEgress } from "./network/plan-egress.ts";
import { planSubnets } from "./network/plan-subnets.ts";
import type { FoundPlace } from "./read-place.ts";

/** The network that was given, or a new one over the zones that offer the instance type. */
export function makeNetwork(config: InfraConfig, place: FoundPlace): Result<NetworkPlace> {
  if (config.vpcId !== "") return takeNetwork(config, place);
  const zones = chooseZones(config, place.offering);
  if (!zones.ok) return zones;
  const subnets = planSubnets(config.vpcCidr, zones.value);
  if (!subnets.ok) return subnets;
  const egress = planEgress({ ...config, zones: zones.value });
  if (!egress.ok) return egress;
  return succeed(
    new Network(config.cluster, {
      cluster: config.cluster,
      region: place.region,
      vpcCidr: config.vpcCidr,
      subnets: subnets.value,
      egress: egress.value,
      natImage: { imageId: place.imageId, architecture: config.architecture },
    }),
  );
}

function takeNetwork({ vpcId }: InfraConfig, { givenSubnets }: FoundPlace): Result<NetworkPlace> {
  const stranger = givenSubnets.find((subnet) => subnet.vpcId !== vpcId);
  const zones = givenSubnets.map(({ zone }) => zone);
  const fault =
    stranger !== undefined
      ? `${stranger.id} belongs to ${stranger.vpcId}, not to ${vpcId}`
      : new Set(zones).size < zones.length
        ? `two of them are in one zone: ${zones.join(", ")}`
        : null;
  if (fault !== null)
    return refuse({
      code: "INVALID_CONFIG",
      message: `subnetIds: ${fault}`,
      try: `name subnets of ${vpcId}, one for each zone`,
    });
  return succeed({ vpcId, subnets: new Map(givenSubnets.map(({ zone, id }) => [zone, id])) });
}
