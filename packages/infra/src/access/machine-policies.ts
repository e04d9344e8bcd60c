import { TAG_KEYS } from "@quarterdeck/model";
import { FOLDERS } from "../names/objects.ts";
import { policyDocument, type PolicyDocument, type PolicyStatement } from "./policy-document.ts";
import { bucketArn, objectArn, regionalArn, type Realm } from "./realm.ts";

/** What a worker may do: read its config and the binary, and be reached through Session Manager. */
export function workerPolicy(realm: Realm): PolicyDocument {
  return policyDocument([
    readConfig(realm, "worker"),
    readBinary(realm),
    readAuthorities(realm),
    ...sessions(),
    putMetrics(realm),
  ]);
}

/**
 * What an etcd machine may do besides: find and take its member's disk, sign for the CA, put the CA's certificate, save etcd, read the bot's
 * secrets, and look at instances that want to enrol.
 */
export function etcdMachinePolicy(realm: Realm): PolicyDocument {
  return policyDocument([
    readConfig(realm, "etcd"),
    readBinary(realm),
    readAuthorities(realm),
    {
      Sid: "PutAuthorities",
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: [objectArn(realm, `${FOLDERS.pki}/*`)],
      // Only a put that fails where there is an object already (If-None-Match): no machine can put another CA in the place of the first.
      Condition: { Null: { "s3:if-none-match": "false" } },
    },
    {
      Sid: "Backups",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: [objectArn(realm, `${FOLDERS.backups}/*`)],
    },
    {
      Sid: "ListBackups",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [bucketArn(realm)],
      Condition: { StringLike: { "s3:prefix": [`${FOLDERS.backups}/*`, `${FOLDERS.pki}/*`] } },
    },
    { Sid: "SignForCa", Effect: "Allow", Action: ["kms:Sign", "kms:GetPublicKey"], Resource: [realm.caKeyArn] },
    {
      Sid: "FindDisksAndMachines",
      Effect: "Allow",
      Action: ["ec2:DescribeInstances", "ec2:DescribeVolumes"],
      Resource: ["*"],
    },
    ...takeDisk(realm),
    {
      Sid: "BotSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: [regionalArn(realm, "secretsmanager", `secret:${realm.cluster}/*`)],
    },
    ...sessions(),
    putMetrics(realm),
  ]);
}

const readConfig = (realm: Realm, kind: "etcd" | "worker"): PolicyStatement => ({
  Sid: "ReadConfig",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: [objectArn(realm, `${FOLDERS.config}/${kind}/*`)],
});

const readBinary = (realm: Realm): PolicyStatement => ({
  Sid: "ReadBinary",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: [objectArn(realm, `${FOLDERS.binary}/*`)],
});

const readAuthorities = (realm: Realm): PolicyStatement => ({
  Sid: "ReadAuthorities",
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: [objectArn(realm, `${FOLDERS.pki}/*`)],
});

/** Both the disk and the machine must be tagged as the cluster's etcd: a disk with another tag, or a worker, is refused by AWS itself. */
function takeDisk(realm: Realm): readonly PolicyStatement[] {
  const ofTheCluster = {
    StringEquals: {
      [`aws:ResourceTag/${TAG_KEYS.cluster}`]: realm.cluster,
      [`aws:ResourceTag/${TAG_KEYS.part}`]: "etcd",
    },
  };
  return [
    {
      Sid: "TakeDisk",
      Effect: "Allow",
      Action: ["ec2:AttachVolume", "ec2:DetachVolume"],
      Resource: [regionalArn(realm, "ec2", "volume/*"), regionalArn(realm, "ec2", "instance/*")],
      Condition: ofTheCluster,
    },
  ];
}

/** What the agent of Session Manager needs; none of it can be narrowed to a resource. @see AmazonSSMManagedInstanceCore */
function sessions(): readonly PolicyStatement[] {
  return [
    {
      Sid: "Sessions",
      Effect: "Allow",
      Action: [
        "ec2messages:AcknowledgeMessage",
        "ec2messages:DeleteMessage",
        "ec2messages:FailMessage",
        "ec2messages:GetEndpoint",
        "ec2messages:GetMessages",
        "ec2messages:SendReply",
        "ssm:ListInstanceAssociations",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      Resource: ["*"],
    },
  ];
}

/** The one metric namespace of the cluster; CloudWatch knows no resource to write a metric to. */
const putMetrics = ({ cluster }: Realm): PolicyStatement => ({
  Sid: "Metrics",
  Effect: "Allow",
  Action: ["cloudwatch:PutMetricData"],
  Resource: ["*"],
  Condition: { StringEquals: { "cloudwatch:namespace": `Quarterdeck/${cluster}` } },
});
