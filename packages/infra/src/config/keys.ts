import { NAT_MODES } from "../network/plan-egress.ts";

/** What Pulumi calls the type of a key. */
export type KeyType = "string" | "integer" | "boolean" | "array";

/** One key of the program's config, as `Pulumi.yaml` and docs/aws.md show it. */
export interface ConfigKey {
  readonly type: KeyType;
  /** What holds when nobody says anything; an empty text or list stands for "none". */
  readonly default: string | number | boolean | readonly string[];
  /** One or two sentences, without a full stop at the end. */
  readonly description: string;
  readonly secret?: true;
}

/**
 * Every key there is, in the order in which people read them. A key's rule is in `schema.ts`; that both name the same keys and that each
 * default keeps its rule is tested, as is that `Pulumi.yaml` and docs/aws.md say what this table says.
 */
export const CONFIG_KEYS = {
  cluster: {
    type: "string",
    default: "",
    description:
      "Name of the cluster, in every name and tag; by itself quarterdeck-STACK. It cannot be changed: another name is another cluster",
  },
  os: { type: "string", default: "flatcar", description: "CoreOS of the machines: flatcar or fedora-coreos" },
  channel: {
    type: "string",
    default: "stable",
    description:
      "Channel of the image: stable, beta, alpha or lts of Flatcar; stable, testing or next of Fedora CoreOS",
  },
  architecture: {
    type: "string",
    default: "x86_64",
    description: "x86_64 or arm64; instance types must be of it",
  },
  imageId: {
    type: "string",
    default: "",
    description: "The very image (ami-…) to use; by itself the newest of the channel when the stack is first made",
  },
  size: { type: "integer", default: 3, description: "How many etcd machines: 1, 3, 5 or 7; 1 survives no loss" },
  instanceType: { type: "string", default: "t3.small", description: "Instance type of the etcd machines" },
  schedulable: { type: "boolean", default: true, description: "Whether the etcd machines run units too" },
  rootVolumeGiB: { type: "integer", default: 16, description: "Size of each machine's own disk in GiB, from 10" },
  dataVolumeGiB: {
    type: "integer",
    default: 8,
    description: "Size in GiB of the disk with etcd's data, one for each member, from 4; it can grow and never shrink",
  },
  kmsKeyId: {
    type: "string",
    default: "",
    description: "KMS key (id, alias or ARN) that encrypts the disks; by itself AWS's own key for EBS",
  },
  vpcId: {
    type: "string",
    default: "",
    description: "A network that is there already, together with subnetIds; by itself a new one is made",
  },
  subnetIds: {
    type: "array",
    default: [],
    description: "Subnets of vpcId for the machines, one for each zone",
  },
  vpcCidr: { type: "string", default: "10.78.0.0/16", description: "Addresses of the new network, /16 to /24" },
  zones: {
    type: "array",
    default: [],
    description: "Zones to use, in order; by itself the first three of the region that offer the instance type",
  },
  publicAddresses: {
    type: "boolean",
    default: true,
    description: "Whether machines have public addresses, to reach out by; nobody reaches them there but allowSshFrom",
  },
  nat: {
    type: "string",
    default: "none",
    description: `How machines without public addresses reach out: ${NAT_MODES.join(", ")}`,
  },
  interfaceEndpoints: {
    type: "array",
    default: [],
    description: "Services of AWS that get an endpoint inside the network, each paid by the hour and zone",
  },
  imageMirror: {
    type: "string",
    default: "",
    description: "Registry (host[:port]) inside the network that is asked instead of the public ones",
  },
  allowSshFrom: {
    type: "array",
    default: [],
    description: "Blocks of addresses that may reach port 22; by itself none, and Session Manager is the way in",
  },
  sshAuthorizedKeys: { type: "array", default: [], description: "OpenSSH public keys of user core" },
  operatorArns: {
    type: "array",
    default: [],
    description: "ARNs of the IAM users and roles that may take the role of an operator; by itself none",
  },
  backupEveryMinutes: {
    type: "integer",
    default: 15,
    description: "How often etcd is saved to S3, 5 to 1440 minutes",
  },
  backupRetentionDays: { type: "integer", default: 30, description: "How long a saved etcd is kept, 1 to 3650 days" },
  alarmEmail: {
    type: "string",
    default: "",
    description: "Address that is told of alarms; by itself they are only shown",
  },
  budgetUsd: {
    type: "integer",
    default: 0,
    description:
      "Monthly budget in US dollars; alarmEmail is told at 80 % and when it is forecast to be passed; 0 for none",
  },
  joinDeadlineMinutes: {
    type: "integer",
    default: 15,
    description:
      "How long a machine may take from its launch until it has joined before there is an alarm, 5 to 120 minutes",
  },
  slackChannel: {
    type: "string",
    default: "ops",
    description: "Channel in which the bot tells what nobody asked for; empty for none",
  },
  slackBotToken: {
    type: "string",
    default: "",
    secret: true,
    description: "Slack's bot token (xoxb-…); empty for no bot",
  },
  slackAppToken: { type: "string", default: "", secret: true, description: "Slack's app-level token (xapp-…)" },
  protect: {
    type: "boolean",
    default: true,
    description: "Whether disks with etcd's data and the bucket with its backups survive pulumi destroy",
  },
} as const satisfies Record<string, ConfigKey>;

export type ConfigKeyName = keyof typeof CONFIG_KEYS;
export const CONFIG_KEY_NAMES = Object.keys(CONFIG_KEYS) as readonly ConfigKeyName[];

/** What people remember from CoreOS' own template of 2016, and what it is called here; `null` for what is not needed any more. */
export const LEGACY_KEYS: ReadonlyMap<string, ConfigKeyName | null> = new Map([
  ["InstanceType", "instanceType"],
  ["ClusterSize", "size"],
  ["DiscoveryURL", null],
  ["AdvertisedIPAddress", "publicAddresses"],
  ["AllowSSHFrom", "allowSshFrom"],
  ["KeyPair", "sshAuthorizedKeys"],
]);
