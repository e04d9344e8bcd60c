import { describe, expect, test } from "vitest";
import { etcdMachinePolicy, workerPolicy } from "./machine-policies.ts";
import { operatorPolicy } from "./operator-policy.ts";
import { identityTrust, serviceTrust, type PolicyDocument } from "./policy-document.ts";
import type { Realm } from "./realm.ts";

const realm: Realm = {
  cluster: "prod",
  account: "123456789012",
  region: "eu-central-1",
  partition: "aws",
  bucket: "prod-123456789012-eu-central-1",
  caKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
};
const policies = { etcd: etcdMachinePolicy(realm), worker: workerPolicy(realm), operator: operatorPolicy(realm) };
const roles = ["etcd", "worker", "operator"] as const;

/** Every action that may be on all resources, and why nothing narrower can be said. */
const ON_EVERYTHING: Readonly<Record<string, string>> = {
  "ec2:DescribeInstances": "EC2 knows no resource for reading lists",
  "ec2:DescribeVolumes": "EC2 knows no resource for reading lists",
  "cloudwatch:PutMetricData": "a metric is no resource; the condition names the cluster's namespace",
  "ec2messages:AcknowledgeMessage": "Session Manager's own channel, of the calling instance",
  "ec2messages:DeleteMessage": "Session Manager's own channel, of the calling instance",
  "ec2messages:FailMessage": "Session Manager's own channel, of the calling instance",
  "ec2messages:GetEndpoint": "Session Manager's own channel, of the calling instance",
  "ec2messages:GetMessages": "Session Manager's own channel, of the calling instance",
  "ec2messages:SendReply": "Session Manager's own channel, of the calling instance",
  "ssm:ListInstanceAssociations": "asked by the agent of the calling instance",
  "ssm:UpdateInstanceInformation": "told by the agent of the calling instance",
  "ssmmessages:CreateControlChannel": "Session Manager's own channel, of the calling instance",
  "ssmmessages:CreateDataChannel": "Session Manager's own channel, of the calling instance",
  "ssmmessages:OpenControlChannel": "Session Manager's own channel, of the calling instance",
  "ssmmessages:OpenDataChannel": "Session Manager's own channel, of the calling instance",
};

const actionsOf = (policy: PolicyDocument) => policy.Statement.flatMap(({ Action }) => Action);
const statement = (policy: PolicyDocument, sid: string) => policy.Statement.find(({ Sid }) => Sid === sid);

describe("the policies of roles", () => {
  test.each(roles)("of %s allow nothing on everything but what is listed with its reason", (role) => {
    for (const { Action, Resource = [] } of policies[role].Statement) {
      expect(Resource.length).toBeGreaterThan(0);
      if (Resource.some((arn) => arn === "*"))
        expect(Object.keys(ON_EVERYTHING)).toEqual(expect.arrayContaining([...Action]));
    }
  });

  test("list no action of theirs that is not used any more", () => {
    const used = roles.flatMap((role) =>
      policies[role].Statement.filter(({ Resource }) => Resource?.includes("*")).flatMap(({ Action }) => Action),
    );
    expect(Object.keys(ON_EVERYTHING).filter((action) => !used.includes(action))).toEqual([]);
  });

  test.each(roles)("of %s hold no wildcard in an action, no right over rights, and each Sid once", (role) => {
    expect(actionsOf(policies[role]).filter((action) => /[*?]|^iam:|^sts:|^organizations:/.test(action))).toEqual([]);
    const sids = policies[role].Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
  });

  test.each(roles)("of %s fit what IAM takes inline for a role, 10 240 characters", (role) => {
    expect(JSON.stringify(policies[role]).length).toBeLessThan(10_240);
  });

  test.each(roles)("of %s name the cluster, its account or its bucket in every ARN", (role) => {
    const arns = policies[role].Statement.flatMap(({ Resource = [] }) => Resource).filter((arn) => arn !== "*");
    const foreign = arns.filter((arn) => !arn.includes(realm.account) && !/document\/AWS-Start/.test(arn));
    expect(foreign).toEqual([]);
  });

  test("let only etcd machines sign, and only with the CA's key", () => {
    expect(statement(policies.etcd, "SignForCa")?.Resource).toEqual([realm.caKeyArn]);
    for (const role of ["worker", "operator"] as const)
      expect(actionsOf(policies[role]).filter((action) => action.startsWith("kms:"))).toEqual([]);
    expect(actionsOf(policies.etcd).filter((action) => action.startsWith("kms:"))).toEqual([
      "kms:Sign",
      "kms:GetPublicKey",
    ]);
  });

  test("let a disk be taken only where it and the machine are tagged as the cluster's etcd", () => {
    const taking = policies.etcd.Statement.filter(({ Action }) =>
      Action.some((action) => /Attach|Detach/.test(action)),
    );
    expect(taking).toHaveLength(1);
    expect(taking[0]?.Condition).toEqual({
      StringEquals: { "aws:ResourceTag/quarterdeck:cluster": "prod", "aws:ResourceTag/quarterdeck:part": "etcd" },
    });
    for (const role of ["worker", "operator"] as const)
      expect(actionsOf(policies[role]).filter((action) => /Attach|Detach/.test(action))).toEqual([]);
  });

  test("let nobody delete an object, only etcd machines write one, and never over a certificate that is there", () => {
    for (const role of roles)
      expect(actionsOf(policies[role]).filter((action) => /Delete(Object|Bucket)/.test(action))).toEqual([]);
    for (const role of ["worker", "operator"] as const)
      expect(actionsOf(policies[role]).filter((action) => action === "s3:PutObject")).toEqual([]);
    expect(statement(policies.etcd, "PutAuthorities")?.Condition).toEqual({ Null: { "s3:if-none-match": "false" } });
  });

  test("let a worker read no other role's config, no backup and no secret", () => {
    const arns = policies.worker.Statement.flatMap(({ Resource = [] }) => Resource);
    expect(arns.filter((arn) => /backups|config\/etcd|config\/\*|secretsmanager/.test(arn))).toEqual([]);
    expect(arns).toContain("arn:aws:s3:::prod-123456789012-eu-central-1/config/worker/*");
  });

  test("let an operator open sessions to the cluster's machines alone", () => {
    expect(statement(policies.operator, "OpenSessions")?.Condition).toEqual({
      StringEquals: { "ssm:resourceTag/quarterdeck:cluster": "prod" },
    });
  });
});

test("a role is trusted to a service, or to the operators by name, and to nobody else", () => {
  expect(serviceTrust("ec2.amazonaws.com").Statement).toEqual([
    { Sid: "Service", Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: ["ec2.amazonaws.com"] } },
  ]);
  const arns = ["arn:aws:iam::123456789012:user/ada"];
  expect(identityTrust(arns).Statement[0]?.Principal).toEqual({ AWS: arns });
});
