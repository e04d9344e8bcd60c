import { TAG_KEYS } from "@quarterdeck/model";
import { FOLDERS } from "../names/objects.ts";
import { policyDocument, type PolicyDocument } from "./policy-document.ts";
import { bucketArn, objectArn, regionalArn, type Realm } from "./realm.ts";

/** What an operator's role may do: find the cluster's machines, open sessions and port forwards to them, and read the CA and the backups. */
export function operatorPolicy(realm: Realm): PolicyDocument {
  const documents = ["AWS-StartPortForwardingSession", "AWS-StartSSHSession"];
  return policyDocument([
    { Sid: "FindMachines", Effect: "Allow", Action: ["ec2:DescribeInstances"], Resource: ["*"] },
    {
      Sid: "OpenSessions",
      Effect: "Allow",
      Action: ["ssm:StartSession"],
      Resource: [regionalArn(realm, "ec2", "instance/*")],
      Condition: { StringEquals: { [`ssm:resourceTag/${TAG_KEYS.cluster}`]: realm.cluster } },
    },
    {
      Sid: "ForwardPorts",
      Effect: "Allow",
      Action: ["ssm:StartSession"],
      Resource: documents.map((name) => `arn:${realm.partition}:ssm:${realm.region}::document/${name}`),
    },
    {
      Sid: "EndOwnSessions",
      Effect: "Allow",
      Action: ["ssm:ResumeSession", "ssm:TerminateSession"],
      // A session's id begins with the name of who opened it.
      Resource: [regionalArn(realm, "ssm", "session/${aws:userid}-*")],
    },
    {
      Sid: "ReadAuthoritiesAndBackups",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [objectArn(realm, `${FOLDERS.pki}/*`), objectArn(realm, `${FOLDERS.backups}/*`)],
    },
    {
      Sid: "ListBackups",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [bucketArn(realm)],
      Condition: { StringLike: { "s3:prefix": [`${FOLDERS.backups}/*`, `${FOLDERS.pki}/*`] } },
    },
  ]);
}
