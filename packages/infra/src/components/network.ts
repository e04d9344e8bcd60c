import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { renderTags } from "../names/tags.ts";
import type { EgressPlan } from "../network/plan-egress.ts";
import type { ZoneSubnets } from "../network/plan-subnets.ts";
import { NatWay, type NatImage } from "./nat-way.ts";
import type { NetworkPlace } from "./network-place.ts";

/** What a network is made from; the plans come from `planSubnets` and `planEgress`. */
export interface NetworkArgs {
  readonly cluster: string;
  readonly region: string;
  readonly vpcCidr: string;
  readonly subnets: readonly ZoneSubnets[];
  readonly egress: EgressPlan;
  /** What a NAT instance boots; asked for only where the plan has one. */
  readonly natImage: NatImage;
}

/** An own network: a subnet for machines in each zone, their ways out, and the endpoints inside. */
export class Network extends pulumi.ComponentResource implements NetworkPlace {
  readonly vpcId: pulumi.Output<string>;
  readonly subnets: ReadonlyMap<string, pulumi.Output<string>>;
  readonly #name: string;
  readonly #args: NetworkArgs;
  readonly #vpc: aws.ec2.Vpc;

  constructor(name: string, args: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:Network", name, {}, options);
    this.#name = name;
    this.#args = args;
    const { egress, vpcCidr } = args;
    this.#vpc = new aws.ec2.Vpc(
      name,
      { cidrBlock: vpcCidr, enableDnsHostnames: true, enableDnsSupport: true, tags: this.#tags("vpc") },
      { parent: this },
    );
    this.vpcId = this.#vpc.id;
    const publicTable = egress.internetGateway ? this.#publicTable() : null;
    const publicZones = egress.machineSubnets === "public" ? args.subnets.map(({ zone }) => zone) : egress.natZones;
    const publicSubnets = this.#makeSubnets("public", publicZones, () => publicTable);
    const privateTables = egress.machineSubnets === "private" ? this.#privateTables(publicSubnets) : new Map();
    const privateSubnets = this.#makeSubnets(
      "private",
      [...privateTables.keys()],
      (zone) => privateTables.get(zone) ?? null,
    );
    this.subnets = egress.machineSubnets === "public" ? publicSubnets : privateSubnets;
    this.#gatewayEndpoint([...(publicTable === null ? [] : [publicTable]), ...privateTables.values()]);
    this.#interfaceEndpoints();
    this.registerOutputs({ vpcId: this.vpcId });
  }

  #publicTable(): aws.ec2.RouteTable {
    const gateway = new aws.ec2.InternetGateway(
      this.#name,
      { vpcId: this.vpcId, tags: this.#tags("internet") },
      { parent: this },
    );
    return new aws.ec2.RouteTable(
      `${this.#name}-public`,
      {
        vpcId: this.vpcId,
        routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
        tags: this.#tags("public"),
      },
      { parent: this },
    );
  }

  /** A table for each zone, so that another NAT of one zone touches no other. */
  #privateTables(publicSubnets: ReadonlyMap<string, pulumi.Output<string>>): ReadonlyMap<string, aws.ec2.RouteTable> {
    const { egress, cluster, natImage, vpcCidr } = this.#args;
    const ways = new Map<string, NatWay>();
    for (const zone of egress.natZones) {
      const subnetId = publicSubnets.get(zone);
      if (subnetId === undefined || egress.natKind === null) continue;
      const args = { cluster, zone, kind: egress.natKind, vpcId: this.vpcId, vpcCidr, subnetId, image: natImage };
      ways.set(zone, new NatWay(`${this.#name}-nat-${letterOf(zone)}`, args, { parent: this }));
    }
    return new Map(
      this.#args.subnets.map(({ zone }) => {
        const way = ways.get(egress.natOf[zone] ?? "");
        const table = new aws.ec2.RouteTable(
          `${this.#name}-private-${letterOf(zone)}`,
          {
            vpcId: this.vpcId,
            routes: way === undefined ? [] : [{ cidrBlock: "0.0.0.0/0", ...way.target }],
            tags: this.#tags(`private-${letterOf(zone)}`),
          },
          { parent: this },
        );
        return [zone, table] as const;
      }),
    );
  }

  #makeSubnets(
    kind: "public" | "private",
    zones: readonly string[],
    tableOf: (zone: string) => aws.ec2.RouteTable | null,
  ): ReadonlyMap<string, pulumi.Output<string>> {
    const planned = this.#args.subnets.filter(({ zone }) => zones.includes(zone));
    return new Map(
      planned.map(({ zone, publicCidr, privateCidr }) => {
        const name = `${this.#name}-${kind}-${letterOf(zone)}`;
        const subnet = new aws.ec2.Subnet(
          name,
          {
            vpcId: this.vpcId,
            availabilityZone: zone,
            cidrBlock: kind === "public" ? publicCidr : privateCidr,
            // Who is to have a public address is given one of its own.
            mapPublicIpOnLaunch: false,
            tags: this.#tags(`${kind}-${letterOf(zone)}`),
          },
          { parent: this },
        );
        const table = tableOf(zone);
        if (table !== null)
          new aws.ec2.RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: table.id }, { parent: this });
        return [zone, subnet.id] as const;
      }),
    );
  }

  /** Costs nothing, and Ignition reads its config through it before any other way is up. */
  #gatewayEndpoint(tables: readonly aws.ec2.RouteTable[]): void {
    new aws.ec2.VpcEndpoint(
      `${this.#name}-s3`,
      {
        vpcId: this.vpcId,
        serviceName: `com.amazonaws.${this.#args.region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: tables.map(({ id }) => id),
        tags: this.#tags("s3"),
      },
      { parent: this },
    );
  }

  #interfaceEndpoints(): void {
    const { interfaceEndpoints } = this.#args.egress;
    if (interfaceEndpoints.length === 0) return;
    const group = new aws.ec2.SecurityGroup(
      `${this.#name}-endpoints`,
      {
        vpcId: this.vpcId,
        description: "Services of AWS, for the network's own machines",
        ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [this.#args.vpcCidr] }],
        tags: this.#tags("endpoints"),
      },
      { parent: this },
    );
    for (const service of interfaceEndpoints) {
      new aws.ec2.VpcEndpoint(
        `${this.#name}-${service}`,
        {
          vpcId: this.vpcId,
          serviceName: `com.amazonaws.${this.#args.region}.${service}`,
          vpcEndpointType: "Interface",
          privateDnsEnabled: true,
          subnetIds: [...this.subnets.values()],
          securityGroupIds: [group.id],
          tags: this.#tags(service),
        },
        { parent: this },
      );
    }
  }

  #tags(name: string): Record<string, string> {
    return { ...renderTags({ cluster: this.#args.cluster, part: "network", name }) };
  }
}

/** `a` of `us-east-1a`: what tells a region's zones apart. */
const letterOf = (zone: string): string => zone.slice(-1);
