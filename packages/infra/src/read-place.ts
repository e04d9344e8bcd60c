import * as aws from "@pulumi/aws";
import type { ClusterPlace } from "./components/cluster.ts";
import type { InfraConfig } from "./config/schema.ts";
import { imageQuery } from "./machines/image-query.ts";

/** What AWS says of where the cluster is to be made. */
export interface FoundPlace extends ClusterPlace {
  /** Zones that are open to the account and offer the instance type. */
  readonly offering: readonly string[];
  /** Zone and network of each of `subnetIds`, in their order. */
  readonly givenSubnets: readonly { readonly id: string; readonly zone: string; readonly vpcId: string }[];
}

/** Asks AWS for account, region, zones, the channel's newest image and the subnets that were given. Rejects with what AWS says. */
export async function readPlace(config: InfraConfig): Promise<FoundPlace> {
  const query = imageQuery(config);
  const [identity, region, partition, available, offerings, image, ...subnets] = await Promise.all([
    aws.getCallerIdentity(),
    aws.getRegion(),
    aws.getPartition(),
    aws.getAvailabilityZones({
      state: "available",
      filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
    }),
    aws.ec2.getInstanceTypeOfferings({
      locationType: "availability-zone",
      filters: [{ name: "instance-type", values: [config.instanceType] }],
    }),
    config.imageId === ""
      ? aws.ec2.getAmi({
          owners: [query.owner],
          mostRecent: true,
          filters: query.filters.map(({ name, values }) => ({ name, values: [...values] })),
        })
      : null,
    ...config.subnetIds.map((id) => aws.ec2.getSubnet({ id })),
  ]);
  const offered = new Set(offerings.locations);
  return {
    account: identity.accountId,
    region: region.id,
    partition: partition.partition,
    imageId: image?.id ?? config.imageId,
    offering: available.names.filter((zone) => offered.has(zone)),
    givenSubnets: subnets.map(({ id, availabilityZone, vpcId }) => ({ id, zone: availabilityZone, vpcId })),
  };
}
