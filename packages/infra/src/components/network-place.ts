import type * as pulumi from "@pulumi/pulumi";

/** A network that machines can be put into: one made by `Network`, or one that is there already. */
export interface NetworkPlace {
  readonly vpcId: pulumi.Input<string>;
  /** The subnet for machines of each zone, in the order of the zones. */
  readonly subnets: ReadonlyMap<string, pulumi.Input<string>>;
}
