import { slackChannelSchema } from "@quarterdeck/model";
import { z } from "zod";
import { parseCidr } from "../network/cidr.ts";
import { INTERFACE_ENDPOINTS, NAT_MODES } from "../network/plan-egress.ts";
import { CONFIG_KEYS, type ConfigKeyName } from "./keys.ts";

const orEmpty = (pattern: RegExp, error: string) => z.string().regex(new RegExp(`^$|${pattern.source}`), { error });
const whole = (from: number, to: number) => {
  const rule = `must be from ${from} to ${to}`;
  return z.int().min(from, rule).max(to, rule);
};
const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z.enum(names, { error: `must be ${names.slice(0, -1).join(", ")} or ${names.at(-1)}` });
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .refine((items) => new Set(items).size === items.length, { error: "must name each once" })
    .readonly();
const cidr = z.string().superRefine((text, context) => {
  const parsed = parseCidr(text);
  if (!parsed.ok) context.addIssue({ code: "custom", message: `must be a CIDR block such as ${parsed.error.try}` });
});

const CLUSTER = /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/;

/** The rule of each key, for its value alone; what several keys must keep together is in `parse-config.ts`. */
const RULES = {
  cluster: orEmpty(CLUSTER, "must be 2 to 32 of a-z 0-9 and -, begin with a letter and not end with -"),
  os: oneOf(["flatcar", "fedora-coreos"]),
  channel: oneOf(["stable", "beta", "alpha", "lts", "testing", "next"]),
  architecture: oneOf(["x86_64", "arm64"]),
  imageId: orEmpty(/^ami-[0-9a-f]{8,17}$/, "must be ami- and 8 to 17 hex digits"),
  size: z.literal([1, 3, 5, 7], {
    error: "must be 1, 3, 5 or 7: an even member adds no safety, and more than 7 are slow",
  }),
  instanceType: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,15}\.[a-z0-9-]{2,20}$/, { error: "must be an instance type such as t3.small" }),
  schedulable: z.boolean(),
  rootVolumeGiB: whole(10, 16_384),
  dataVolumeGiB: whole(4, 1024),
  kmsKeyId: orEmpty(/^(arn:aws[a-z-]*:kms:\S+|alias\/[\w/-]+|[0-9a-f-]{36})$/, "must be a KMS key's id, alias or ARN"),
  vpcId: orEmpty(/^vpc-[0-9a-f]{8,17}$/, "must be vpc- and 8 to 17 hex digits"),
  subnetIds: list(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, { error: "must be subnet- and 8 to 17 hex digits" })),
  vpcCidr: cidr,
  zones: list(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-h]$/, { error: "must be a zone such as us-east-1a" })),
  publicAddresses: z.boolean(),
  nat: oneOf(NAT_MODES),
  interfaceEndpoints: list(oneOf(INTERFACE_ENDPOINTS)),
  imageMirror: orEmpty(/^[a-z0-9.-]+(:\d{1,5})?$/, "must be host[:port] of a registry"),
  allowSshFrom: list(cidr),
  sshAuthorizedKeys: list(
    z.string().regex(/^(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( [^\p{Cc}]{0,200})?$/u, {
      error: "must be an OpenSSH public key",
    }),
  ),
  operatorArns: list(
    z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(user|role)\/[\w+=,.@/-]{1,512}$/, {
      error: "must be the ARN of an IAM user or role",
    }),
  ),
  backupEveryMinutes: whole(5, 1440),
  backupRetentionDays: whole(1, 3650),
  alarmEmail: orEmpty(/^[^\s@]{1,64}@[^\s@]{1,255}$/, "must be an e-mail address"),
  budgetUsd: whole(0, 1_000_000),
  joinDeadlineMinutes: whole(5, 120),
  slackChannel: slackChannelSchema,
  slackBotToken: orEmpty(/^xoxb-[A-Za-z0-9-]{1,250}$/, "must begin with xoxb-"),
  slackAppToken: orEmpty(/^xapp-[A-Za-z0-9-]{1,250}$/, "must begin with xapp-"),
  protect: z.boolean(),
} as const satisfies Record<ConfigKeyName, z.ZodType>;

/** The config when every key is there and keeps its own rule. */
export const infraConfigSchema = z.strictObject(RULES);
export type InfraConfig = Readonly<z.output<typeof infraConfigSchema>>;

/** What holds when nothing is configured but a region. */
export const DEFAULT_CONFIG: InfraConfig = infraConfigSchema.parse(
  Object.fromEntries(Object.entries(CONFIG_KEYS).map(([name, key]) => [name, key.default])),
);
