import { expect, test } from "vitest";
import { recordResources } from "../testing/record-resources.ts";
import { EtcdMember, type EtcdMemberArgs } from "./etcd-member.ts";

const args: EtcdMemberArgs = {
  cluster: "prod",
  member: { id: "a", zone: "us-east-1a" },
  machine: {
    imageId: "ami-1",
    followsImage: false,
    instanceType: "t3.small",
    rootVolumeGiB: 16,
    kmsKeyId: "",
    instanceProfileArn: "arn:aws:iam::1:instance-profile/etcd",
    userData: "c3R1Yg==",
  },
  subnetId: "subnet-1",
  securityGroupIds: ["sg-1", "sg-2"],
  dnsZoneId: "zone-1",
  dataVolumeGiB: 8,
  publicAddress: true,
  protect: true,
  after: [],
};

async function made(change: Partial<EtcdMemberArgs> = {}, preview = false) {
  const recorded = await recordResources(preview);
  return { member: new EtcdMember("prod-etcd-a", { ...args, ...change }), recorded };
}

test("a member is one disk, one address and one name that stay, and a group of exactly one machine in their zone", async () => {
  const { member, recorded } = await made();
  expect(await recorded.counts()).toEqual({
    "quarterdeck:aws:EtcdMember": 1,
    "aws:ebs/volume:Volume": 1,
    "aws:ec2/networkInterface:NetworkInterface": 1,
    "aws:ec2/eip:Eip": 1,
    "aws:route53/record:Record": 1,
    "aws:ec2/launchTemplate:LaunchTemplate": 1,
    "aws:autoscaling/group:Group": 1,
  });
  expect((await recorded.one("autoscaling/group")).inputs).toMatchObject({
    minSize: 1,
    maxSize: 1,
    desiredCapacity: 1,
    availabilityZones: ["us-east-1a"],
    launchTemplate: { id: "prod-etcd-a-id", version: "1" },
    waitForCapacityTimeout: "0",
  });
  expect((await recorded.one("autoscaling/group")).inputs).not.toHaveProperty("vpcZoneIdentifiers");
  expect((await recorded.one("route53/record")).inputs).toMatchObject({
    name: "etcd-a.prod.internal",
    records: ["10.78.0.20"],
  });
  expect(member.host).toBe("etcd-a.prod.internal");
});

test("its machine has the interface that was made for it, metadata by IMDSv2 alone, and encrypted disks", async () => {
  const { recorded } = await made();
  expect((await recorded.one("ec2/launchTemplate")).inputs).toMatchObject({
    networkInterfaces: [{ deviceIndex: 0, networkInterfaceId: "prod-etcd-a-id", deleteOnTermination: "false" }],
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    blockDeviceMappings: [{ ebs: { encrypted: "true", volumeSize: 16 } }],
    userData: "c3R1Yg==",
  });
  expect((await recorded.one("ebs/volume")).inputs).toMatchObject({
    encrypted: true,
    availabilityZone: "us-east-1a",
    size: 8,
  });
});

test("only the disk with the data is tagged as the member's, so that no machine takes another one for it", async () => {
  const { recorded } = await made();
  const template = (await recorded.one("ec2/launchTemplate")).inputs;
  const parts = (
    template["tagSpecifications"] as readonly { resourceType: string; tags: Record<string, string> }[]
  ).map(({ resourceType, tags }) => [resourceType, tags["quarterdeck:part"]]);
  expect(parts).toEqual([
    ["instance", "etcd"],
    ["volume", "etcd-root"],
  ]);
  expect((await recorded.one("ebs/volume")).inputs["tags"]).toEqual({
    Name: "prod-etcd-a-data",
    "quarterdeck:cluster": "prod",
    "quarterdeck:part": "etcd",
    "quarterdeck:member": "a",
  });
});

test("an own key encrypts both disks, and without public addresses there is none", async () => {
  const { recorded } = await made({ machine: { ...args.machine, kmsKeyId: "alias/own" }, publicAddress: false });
  expect((await recorded.one("ebs/volume")).inputs).toMatchObject({ kmsKeyId: "alias/own" });
  expect((await recorded.one("ec2/launchTemplate")).inputs).toMatchObject({
    blockDeviceMappings: [{ ebs: { kmsKeyId: "alias/own" } }],
  });
  expect(await recorded.of("ec2/eip")).toEqual([]);
});

test("a preview, in which no id is known, asks for the same things", async () => {
  const real = await (await made()).recorded.counts();
  expect(await (await made({}, true)).recorded.counts()).toEqual(real);
});
