import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { MemberPlace } from "../names/members.ts";
import { memberHost } from "../names/private-names.ts";
import { renderTags } from "../names/tags.ts";
import { launchTemplate } from "./launch-template.ts";
import type { MachineKind } from "./machine-kind.ts";

/** What a member is made from. */
export interface EtcdMemberArgs {
  readonly cluster: string;
  readonly member: MemberPlace;
  readonly machine: MachineKind;
  /** Of the member's zone. */
  readonly subnetId: pulumi.Input<string>;
  readonly securityGroupIds: readonly pulumi.Input<string>[];
  /** The private zone that the member's name is put into. */
  readonly dnsZoneId: pulumi.Input<string>;
  readonly dataVolumeGiB: number;
  /** Whether the member has a public address, to reach out by. */
  readonly publicAddress: boolean;
  /** Whether the disk with the data survives the stack. */
  readonly protect: boolean;
  /** What must be there before a machine boots for the first time, components included: rights, routes. A first boot that cannot read its config fails for good. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * One etcd member: a disk, an address and a name that stay, and a group of exactly one machine, which is replaced when it fails and takes
 * them up again.
 */
export class EtcdMember extends pulumi.ComponentResource {
  /** Inside the network. */
  readonly address: pulumi.Output<string>;
  readonly host: string;
  readonly volumeId: pulumi.Output<string>;

  constructor(name: string, args: EtcdMemberArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:EtcdMember", name, {}, options);
    const { cluster, member, machine } = args;
    const parent = { parent: this };
    const tags = (part: string, what: string) => ({
      ...renderTags({ cluster, part, member: member.id, name: `etcd-${member.id}${what}` }),
    });
    const volume = new aws.ebs.Volume(
      name,
      {
        availabilityZone: member.zone,
        size: args.dataVolumeGiB,
        type: "gp3",
        encrypted: true,
        ...(machine.kmsKeyId === "" ? {} : { kmsKeyId: machine.kmsKeyId }),
        tags: tags("etcd", "-data"),
      },
      { ...parent, protect: args.protect },
    );
    const networkInterface = new aws.ec2.NetworkInterface(
      name,
      { subnetId: args.subnetId, securityGroups: [...args.securityGroupIds], tags: tags("etcd", "") },
      parent,
    );
    // A machine with an interface that was there before it gets no public address by itself.
    if (args.publicAddress)
      new aws.ec2.Eip(name, { domain: "vpc", networkInterface: networkInterface.id, tags: tags("etcd", "") }, parent);
    this.address = networkInterface.privateIp;
    this.host = memberHost(cluster, member);
    this.volumeId = volume.id;
    new aws.route53.Record(
      name,
      { zoneId: args.dnsZoneId, name: this.host, type: "A", ttl: 60, records: [this.address] },
      parent,
    );
    const template = launchTemplate(
      name,
      {
        machine,
        // The machine's own disk is no member's: its tags must not be those by which the other one is found.
        tags: { machine: tags("etcd", ""), rootVolume: tags("etcd-root", "-root") },
        network: {
          networkInterfaces: [
            { deviceIndex: 0, networkInterfaceId: networkInterface.id, deleteOnTermination: "false" },
          ],
        },
      },
      parent,
    );
    new aws.autoscaling.Group(
      name,
      {
        minSize: 1,
        maxSize: 1,
        desiredCapacity: 1,
        // Zones and not subnets: with subnets the service wants to make the interface itself.
        availabilityZones: [member.zone],
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        healthCheckType: "EC2",
        // The interface of a machine that goes down is free only minutes later, and the group tries again by itself.
        waitForCapacityTimeout: "0",
        forceDelete: true,
        tags: Object.entries(tags("etcd", "")).map(([key, value]) => ({ key, value, propagateAtLaunch: false })),
      },
      // Not by options of this component, which its children do not inherit.
      { ...parent, dependsOn: [...args.after] },
    );
    this.registerOutputs({ address: this.address, host: this.host, volumeId: this.volumeId });
  }
}
