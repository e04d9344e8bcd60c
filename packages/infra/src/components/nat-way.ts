import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { renderTags } from "../names/tags.ts";
import { renderNatConfig } from "../network/nat-config.ts";
import { NAT_INSTANCE_TYPES } from "../network/nat-instance.ts";

/** What a NAT instance boots. */
export interface NatImage {
  readonly imageId: pulumi.Input<string>;
  readonly architecture: keyof typeof NAT_INSTANCE_TYPES;
}

/** What a NAT is made from. */
export interface NatWayArgs {
  readonly cluster: string;
  readonly zone: string;
  readonly kind: "gateway" | "instance";
  readonly vpcId: pulumi.Input<string>;
  readonly vpcCidr: string;
  /** A public one. */
  readonly subnetId: pulumi.Input<string>;
  readonly image: NatImage;
}

/** One NAT with a public address of its own. */
export class NatWay extends pulumi.ComponentResource {
  /** What a route leads to. */
  readonly target:
    | { readonly natGatewayId: pulumi.Output<string> }
    | { readonly networkInterfaceId: pulumi.Output<string> };

  constructor(name: string, args: NatWayArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:NatWay", name, {}, options);
    const tags = { ...renderTags({ cluster: args.cluster, part: "network", name: `nat-${args.zone}` }) };
    const address = new aws.ec2.Eip(name, { domain: "vpc", tags }, { parent: this });
    this.target =
      args.kind === "gateway" ? this.#gateway(name, args, tags, address) : this.#instance(name, args, tags, address);
    this.registerOutputs();
  }

  #gateway(name: string, { subnetId }: NatWayArgs, tags: Record<string, string>, address: aws.ec2.Eip) {
    const gateway = new aws.ec2.NatGateway(name, { allocationId: address.id, subnetId, tags }, { parent: this });
    return { natGatewayId: gateway.id };
  }

  #instance(name: string, args: NatWayArgs, tags: Record<string, string>, address: aws.ec2.Eip) {
    const group = new aws.ec2.SecurityGroup(
      name,
      {
        vpcId: args.vpcId,
        description: "NAT, for the network's own machines",
        ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [args.vpcCidr] }],
        egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }],
        tags,
      },
      { parent: this },
    );
    const instance = new aws.ec2.Instance(
      name,
      {
        ami: args.image.imageId,
        instanceType: NAT_INSTANCE_TYPES[args.image.architecture],
        subnetId: args.subnetId,
        vpcSecurityGroupIds: [group.id],
        // It forwards what is not its own.
        sourceDestCheck: false,
        userData: renderNatConfig(args.vpcCidr),
        metadataOptions: { httpTokens: "required", httpEndpoint: "enabled", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { encrypted: true, volumeType: "gp3" },
        tags,
      },
      { parent: this, ignoreChanges: ["ami"] },
    );
    new aws.ec2.EipAssociation(name, { allocationId: address.id, instanceId: instance.id }, { parent: this });
    return { networkInterfaceId: instance.primaryNetworkInterfaceId };
  }
}
