import { describe, expect, test } from "vitest";
import { CONFIG_KEY_NAMES, CONFIG_KEYS, LEGACY_KEYS } from "./keys.ts";
import { parseInfraConfig, type RawConfig } from "./parse-config.ts";
import { DEFAULT_CONFIG, infraConfigSchema } from "./schema.ts";

const refusal = (raw: RawConfig) => {
  const parsed = parseInfraConfig(raw, "dev");
  if (parsed.ok) throw new Error("was taken");
  return parsed.error;
};
const list = (...items: readonly string[]) => JSON.stringify(items);

describe("the config of a stack", () => {
  test("needs nothing: three small etcd machines that run units, public addresses, no NAT, no endpoints", () => {
    expect(parseInfraConfig({}, "dev")).toEqual({
      ok: true,
      value: {
        ...DEFAULT_CONFIG,
        cluster: "quarterdeck-dev",
        size: 3,
        instanceType: "t3.small",
        architecture: "x86_64",
        schedulable: true,
        publicAddresses: true,
        nat: "none",
        interfaceEndpoints: [],
        allowSshFrom: [],
        protect: true,
      },
    });
  });

  test("has one rule and one line of the table for each key, and every default keeps its rule", () => {
    expect(Object.keys(infraConfigSchema.shape)).toEqual(CONFIG_KEY_NAMES);
    for (const name of CONFIG_KEY_NAMES) {
      const key = CONFIG_KEYS[name];
      expect({ name, kept: infraConfigSchema.shape[name].safeParse(key.default).success }).toEqual({
        name,
        kept: true,
      });
      expect(key.description).toMatch(/^\S.{15,}[^.\s]$/);
    }
  });

  test("takes every key away from its default", () => {
    const taken = {
      cluster: "prod",
      os: "fedora-coreos",
      channel: "testing",
      architecture: "arm64",
      imageId: "ami-0123456789abcdef0",
      size: "5",
      instanceType: "m7g.large",
      schedulable: "false",
      rootVolumeGiB: "20",
      dataVolumeGiB: "16",
      kmsKeyId: "alias/own",
      vpcCidr: "10.9.0.0/20",
      zones: list("eu-west-1a", "eu-west-1b", "eu-west-1c"),
      publicAddresses: "false",
      nat: "per-zone",
      interfaceEndpoints: list("ssm", "ssmmessages", "ec2messages"),
      imageMirror: "mirror.example:5000",
      allowSshFrom: list("203.0.113.7/32"),
      sshAuthorizedKeys: list("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here"),
      operatorArns: list("arn:aws:iam::123456789012:role/ops"),
      backupEveryMinutes: "60",
      backupRetentionDays: "90",
      alarmEmail: "ops@example.com",
      budgetUsd: "200",
      joinDeadlineMinutes: "30",
      slackChannel: "#alerts",
      slackBotToken: "xoxb-1",
      slackAppToken: "xapp-1",
      protect: "false",
    };
    const parsed = parseInfraConfig(taken, "dev");
    expect(parsed).toMatchObject({ ok: true, value: { size: 5, zones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"] } });
    const untouched = CONFIG_KEY_NAMES.filter((name) => parsed.ok && parsed.value[name] === DEFAULT_CONFIG[name]);
    expect(untouched).toEqual(["vpcId", "subnetIds"].filter((name) => untouched.some((same) => same === name)));
  });

  test.each([
    [{ cluster: "Prod" }, `cluster: "Prod" must be 2 to 32 of a-z`],
    [{ os: "ubuntu" }, `os: "ubuntu" must be flatcar or fedora-coreos`],
    [{ size: "4" }, `size: "4" must be 1, 3, 5 or 7`],
    [{ size: "three" }, `size: "three" must be a whole number`],
    [{ size: "3.0" }, `size: "3.0" must be a whole number`],
    [{ schedulable: "yes" }, `schedulable: "yes" must be true or false`],
    [{ zones: "us-east-1a" }, `zones: "us-east-1a" must be a list of texts in JSON`],
    [{ zones: "[1]" }, `zones: "[1]" must be a list of texts in JSON`],
    [{ zones: list("us-east-1a", "us-east-1a") }, "must name each once"],
    [{ vpcCidr: "10.78.0.1/16" }, `vpcCidr: "10.78.0.1/16" must be a CIDR block such as 10.78.0.0/16`],
    [{ vpcCidr: "10.78.0.0/28" }, "must be from /16 to /24"],
    [{ allowSshFrom: list("0.0.0.0") }, "must be a CIDR block"],
    [{ imageId: "ami-x" }, "imageId: "],
    [{ dataVolumeGiB: "2" }, `dataVolumeGiB: "2" must be from 4 to 1024`],
    [{ alarmEmail: "ops" }, "must be an e-mail address"],
    [{ nat: "one" }, `nat: "one" must be none, instance, single or per-zone`],
    [{ interfaceEndpoints: list("s3") }, "must be autoscaling, ec2, kms"],
  ] as const)("is refused for %j by field, value and rule, with a line to type", (raw, message) => {
    const problem = refusal(raw);
    expect(problem.code).toBe("INVALID_CONFIG");
    expect(problem.message).toContain(message);
    expect(problem.message).toContain(Object.keys(raw)[0]);
    expect(problem.try).toMatch(/^(pulumi config set|10\.78)/);
  });

  test("is refused without showing a secret", () => {
    const problem = refusal({ slackBotToken: "hunter2" });
    expect(problem.message).toBe("slackBotToken: [secret] must begin with xoxb-");
    expect(JSON.stringify(problem)).not.toContain("hunter2");
    expect(problem.try).toBe("pulumi config set --secret slackBotToken xoxb-…");
  });

  test.each([
    [{ channel: "testing" }, `channel: "testing" must be stable, beta, alpha, lts where os is flatcar`],
    [{ instanceType: "t4g.small" }, `"t4g.small" is arm64, but architecture is x86_64`],
    [{ architecture: "arm64" }, `"t3.small" is x86_64, but architecture is arm64`],
    [{ vpcId: "vpc-01234567" }, "vpcId: needs subnetIds"],
    [{ subnetIds: list("subnet-01234567") }, "subnetIds: needs vpcId"],
    [
      {
        vpcId: "vpc-01234567",
        subnetIds: list("subnet-01234567", "subnet-11234567", "subnet-21234567"),
        nat: "single",
      },
      "nat: says nothing where vpcId is given",
    ],
    [{ zones: list("us-east-1a", "us-east-1b") }, "zones: 2 cannot hold 3 members"],
    [{ zones: list("us-east-1a", "us-east-1b"), size: "5" }, "zones: 2 cannot hold 5 members"],
    [{ vpcId: "vpc-01234567", subnetIds: list("subnet-01234567") }, "subnetIds: 1 cannot hold 3 members"],
    [{ zones: list("us-east-1a", "us-west-2a", "us-west-2b") }, "must be of one region"],
    [{ nat: "single" }, `nat: "single" must be "none" where publicAddresses is true`],
    [{ publicAddresses: "false" }, `nat: "none" without publicAddresses needs the interface endpoints`],
    [{ allowSshFrom: list("203.0.113.7/32") }, "sshAuthorizedKeys lets nobody in"],
    [{ budgetUsd: "100" }, "budgetUsd: 100 needs alarmEmail"],
    [{ slackBotToken: "xoxb-1" }, "slackBotToken: needs slackAppToken too"],
  ] as const)("is refused for %j, whose parts do not go together", (raw, message) => {
    const problem = refusal(raw);
    expect(problem.message).toContain(message);
    expect(problem.try).toBeTruthy();
  });

  test.each([
    [{ size: "1", zones: list("us-east-1a") }],
    [{ size: "5", zones: list("us-east-1a", "us-east-1b", "us-east-1c") }],
    [{ vpcId: "vpc-01234567", subnetIds: list("subnet-01234567"), size: "1", publicAddresses: "false" }],
  ] as const)("is taken as %j", (raw) => {
    expect(parseInfraConfig(raw, "dev")).toMatchObject({ ok: true });
  });

  test("is refused for a key that is not there, with the one that was meant", () => {
    expect(refusal({ instnceType: "t3.small" }).try).toContain("pulumi config set instanceType t3.small");
    expect(refusal({ toString: "x" }).message).toBe("toString: there is no such key");
    for (const name of LEGACY_KEYS.keys()) expect(refusal({ [name]: "x" }).try).toContain(`pulumi config rm ${name}`);
    expect(refusal({ ClusterSize: "3" }).try).toBe("pulumi config rm ClusterSize, then pulumi config set size 3");
    expect(refusal({ DiscoveryURL: "https://discovery.etcd.io/x" })).toMatchObject({
      why: expect.stringContaining("no discovery service"),
      try: "pulumi config rm DiscoveryURL",
    });
  });

  test("names the cluster after the stack, never two stacks alike by cutting", () => {
    expect(parseInfraConfig({}, "Team_A.dev")).toMatchObject({
      ok: true,
      value: { cluster: "quarterdeck-team-a-dev" },
    });
    const long = parseInfraConfig({}, "x".repeat(40));
    expect(long).toMatchObject({ ok: false, error: { try: "pulumi config set cluster quarterdeck-dev" } });
  });
});
