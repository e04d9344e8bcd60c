import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { MachineKind } from "./machine-kind.ts";

/** By what a machine and the disk that it boots from are told from others. */
export interface MachineTags {
  readonly machine: Readonly<Record<string, string>>;
  readonly rootVolume: Readonly<Record<string, string>>;
}

/** What a template is made from. */
export interface LaunchArgs {
  readonly machine: MachineKind;
  readonly tags: MachineTags;
  readonly network: Pick<aws.ec2.LaunchTemplateArgs, "networkInterfaces" | "vpcSecurityGroupIds">;
}

/**
 * The template of a group's machines: metadata by IMDSv2 alone and not through containers' networks, an encrypted disk, and the image that the
 * stack was made with unless a person has named another.
 */
export function launchTemplate(
  name: string,
  { machine, tags, network }: LaunchArgs,
  options: pulumi.CustomResourceOptions,
): aws.ec2.LaunchTemplate {
  return new aws.ec2.LaunchTemplate(
    name,
    {
      imageId: machine.imageId,
      instanceType: machine.instanceType,
      iamInstanceProfile: { arn: machine.instanceProfileArn },
      userData: machine.userData,
      updateDefaultVersion: true,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: {
            volumeType: "gp3",
            volumeSize: machine.rootVolumeGiB,
            encrypted: "true",
            deleteOnTermination: "true",
            ...(machine.kmsKeyId === "" ? {} : { kmsKeyId: machine.kmsKeyId }),
          },
        },
      ],
      tagSpecifications: [
        { resourceType: "instance", tags: { ...tags.machine } },
        { resourceType: "volume", tags: { ...tags.rootVolume } },
      ],
      tags: { ...tags.machine },
      ...network,
    },
    machine.followsImage ? options : { ...options, ignoreChanges: ["imageId"] },
  );
}
