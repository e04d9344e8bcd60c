import type { ProgramRun } from "./tiny-engine.ts";

const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"];

/** For tests: an account in us-east-1 with four zones, of which the last does not offer what is asked for. */
export const pretendedAws: ProgramRun["answer"] = (token, inputs) => {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        accountId: "123456789012",
        arn: "arn:aws:iam::123456789012:user/ada",
        userId: "ada",
        id: "123456789012",
      };
    case "aws:index/getRegion:getRegion":
      return { id: "us-east-1", name: "us-east-1", region: "us-east-1" };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", dnsSuffix: "amazonaws.com", id: "aws" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { names: ZONES, zoneIds: ZONES, id: "us-east-1" };
    case "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings":
      return { locations: ZONES.slice(0, 3).toReversed(), instanceTypes: [], id: "us-east-1" };
    case "aws:ec2/getAmi:getAmi":
      return { id: "ami-0123456789abcdef0", creationDate: "2026-11-01T00:00:00.000Z" };
    case "aws:ec2/getSubnet:getSubnet": {
      const id = typeof inputs["id"] === "string" ? inputs["id"] : "";
      return { id, availabilityZone: `us-east-1${id.slice(-1)}`, vpcId: "vpc-01234567" };
    }
    default:
      throw new Error(`nobody asked for ${token} before`);
  }
};
