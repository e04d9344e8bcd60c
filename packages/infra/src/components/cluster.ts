import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { InfraConfig } from "../config/schema.ts";
import { renderEtcdConfig } from "../machines/etcd-config.ts";
import { placeMembers } from "../names/members.ts";
import { bucketName } from "../names/objects.ts";
import { privateDomain } from "../names/private-names.ts";
import { renderTags } from "../names/tags.ts";
import { renderUserData } from "../user-data/render-user-data.ts";
import { Access } from "./access.ts";
import { ConfigStore } from "./config-store.ts";
import { EtcdMember } from "./etcd-member.ts";
import type { NetworkPlace } from "./network-place.ts";
import { Pki } from "./pki.ts";

/** Where a cluster is made. */
export interface ClusterPlace {
  /** 12 digits. */
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** What machines boot, as long as the config names no image. */
  readonly imageId: string;
}

/** What a cluster is made from. */
export interface ClusterArgs {
  readonly config: InfraConfig;
  readonly place: ClusterPlace;
  readonly network: NetworkPlace;
}

/** A whole cluster in a network: its bucket, its authority's key, its rights, and its etcd members. */
export class Cluster extends pulumi.ComponentResource {
  readonly members: readonly EtcdMember[];
  readonly bucket: pulumi.Output<string>;
  readonly caKeyArn: pulumi.Output<string>;
  readonly operatorRoleArn: pulumi.Output<string> | null;

  constructor(name: string, { config, place, network }: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:Cluster", name, {}, options);
    const parent = { parent: this };
    const { cluster } = config;
    const bucket = bucketName(cluster, place.account, place.region);
    const store = new ConfigStore(name, { ...config, bucket }, parent);
    const pki = new Pki(name, { cluster }, parent);
    const realm = { cluster, account: place.account, region: place.region, partition: place.partition, bucket };
    const access = new Access(name, { ...config, realm, caKeyArn: pki.caKeyArn, vpcId: network.vpcId }, parent);
    const domain = new aws.route53.Zone(
      name,
      {
        name: privateDomain(cluster),
        // At once: a zone without a network is a public one.
        vpcs: [{ vpcId: network.vpcId }],
        tags: { ...renderTags({ cluster, part: "network", name: "names" }) },
      },
      parent,
    );
    const members = placeMembers(config.size, [...network.subnets.keys()]);
    this.members = members.map((member) => {
      const text = renderEtcdConfig({ ...config, member, members, bucket, region: place.region });
      const object = store.put(`etcd-${member.id}`, "etcd", text);
      const machine = {
        imageId: config.imageId === "" ? place.imageId : config.imageId,
        followsImage: config.imageId !== "",
        instanceType: config.instanceType,
        rootVolumeGiB: config.rootVolumeGiB,
        kmsKeyId: config.kmsKeyId,
        instanceProfileArn: access.etcdProfileArn,
        userData: pulumi.all([store.bucket, object]).apply(([bucketId, content]) => renderUserData(bucketId, content)),
      };
      const subnetId = network.subnets.get(member.zone);
      if (subnetId === undefined) throw new pulumi.ResourceError(`there is no subnet in ${member.zone}`, this);
      return new EtcdMember(
        `${name}-etcd-${member.id}`,
        {
          cluster,
          member,
          machine,
          subnetId,
          securityGroupIds: [access.machineGroupId, access.etcdGroupId],
          dnsZoneId: domain.zoneId,
          dataVolumeGiB: config.dataVolumeGiB,
          publicAddress: config.publicAddresses,
          protect: config.protect,
          after: [access, ...(network instanceof pulumi.Resource ? [network] : [])],
        },
        parent,
      );
    });
    this.bucket = store.bucket;
    this.caKeyArn = pki.caKeyArn;
    this.operatorRoleArn = access.operatorRoleArn;
    this.registerOutputs({ bucket: this.bucket, caKeyArn: this.caKeyArn });
  }
}
