import { expect, test } from "vitest";
import { recordResources } from "../testing/record-resources.ts";
import { Access } from "./access.ts";

const realm = { cluster: "prod", account: "123456789012", region: "us-east-1", partition: "aws", bucket: "prod-b" };
const caKeyArn = "arn:aws:kms:us-east-1:123456789012:key/1";

async function made(
  change: { readonly allowSshFrom?: readonly string[]; readonly operatorArns?: readonly string[] } = {},
) {
  const recorded = await recordResources();
  const access = new Access("prod", { realm, caKeyArn, vpcId: "vpc-1", allowSshFrom: [], operatorArns: [], ...change });
  return { access, recorded };
}

test("machines are reached by machines alone, on every port but etcd's", async () => {
  const { recorded } = await made();
  const [etcd, machines] = await recorded.of("ec2/securityGroup");
  const rules = machines?.inputs["ingress"] as readonly {
    fromPort: number;
    toPort: number;
    self?: boolean;
    protocol: string;
  }[];
  expect(rules.every(({ self }) => self === true)).toBe(true);
  for (const port of [2379, 2380])
    expect(
      rules.some(({ protocol, fromPort, toPort }) => protocol === "tcp" && fromPort <= port && port <= toPort),
    ).toBe(false);
  expect(etcd?.inputs["ingress"]).toEqual([
    expect.objectContaining({ fromPort: 2379, toPort: 2379, securityGroups: ["prod-machines-id"] }),
    expect.objectContaining({ fromPort: 2380, toPort: 2380, self: true }),
  ]);
});

test("SSH is open to the blocks that were named, and to nobody else", async () => {
  const { recorded } = await made({ allowSshFrom: ["203.0.113.7/32"] });
  const [, machines] = await recorded.of("ec2/securityGroup");
  const rules = machines?.inputs["ingress"] as readonly { fromPort: number; cidrBlocks?: readonly string[] }[];
  expect(rules.filter(({ cidrBlocks }) => cidrBlocks !== undefined)).toEqual([
    expect.objectContaining({ fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["203.0.113.7/32"] }),
  ]);
});

test("each kind of machine has a role of its own, with the CA's key in the etcd machines' alone", async () => {
  const { access, recorded } = await made();
  const policies = await recorded.of("iam/rolePolicy");
  expect(policies.map(({ name }) => name)).toEqual(["prod-etcd", "prod-worker"]);
  expect(policies.map(({ inputs }) => String(inputs["policy"]).includes(caKeyArn))).toEqual([true, false]);
  expect((await recorded.of("iam/instanceProfile")).map(({ inputs }) => inputs["role"])).toEqual([
    "prod-etcd",
    "prod-worker",
  ]);
  expect(access.operatorRoleArn).toBeNull();
});

test("an operator's role is there where operators are named, for them", async () => {
  const ada = "arn:aws:iam::123456789012:user/ada";
  const { access, recorded } = await made({ operatorArns: [ada] });
  const role = (await recorded.of("iam/role")).find(({ name }) => name === "prod-operator");
  expect(JSON.parse(String(role?.inputs["assumeRolePolicy"]))).toMatchObject({
    Statement: [{ Principal: { AWS: [ada] } }],
  });
  expect(access.operatorRoleArn).not.toBeNull();
});
