import type { Problem } from "@quarterdeck/model";
import { planEgress } from "../network/plan-egress.ts";
import { planSubnets } from "../network/plan-subnets.ts";
import { architectureOf } from "./architecture-of.ts";
import type { InfraConfig } from "./schema.ts";

/** The first rule that several keys break together; `null` when they go together. */
export function findConflict(config: InfraConfig): Problem | null {
  for (const rule of RULES) {
    const fault = rule(config);
    if (fault !== null) return "code" in fault ? fault : { code: "INVALID_CONFIG", ...fault };
  }
  return null;
}

type Fault = Omit<Problem, "code">;
type Rule = (config: InfraConfig) => Fault | Problem | null;

const RULES: readonly Rule[] = [
  ({ os, channel }) => {
    const known = CHANNELS[os];
    if (known.includes(channel)) return null;
    return {
      message: `channel: "${channel}" must be ${known.join(", ")} where os is ${os}`,
      try: "pulumi config set channel stable",
    };
  },
  ({ architecture, instanceType }) => {
    const actual = architectureOf(instanceType);
    if (actual === architecture) return null;
    return {
      message: `instanceType: "${instanceType}" is ${actual}, but architecture is ${architecture}`,
      try: `pulumi config set architecture ${actual}, or pulumi config set instanceType ${architecture === "arm64" ? "t4g.small" : "t3.small"}`,
    };
  },
  ({ vpcId, subnetIds }) => {
    if ((vpcId === "") === (subnetIds.length === 0)) return null;
    return {
      message:
        vpcId === "" ? "subnetIds: needs vpcId, whose subnets they are" : "vpcId: needs subnetIds, one for each zone",
      try:
        vpcId === ""
          ? "pulumi config set vpcId vpc-0123456789abcdef0"
          : "pulumi config set --path 'subnetIds[0]' subnet-0123456789abcdef0",
    };
  },
  ({ vpcId, zones, nat, interfaceEndpoints }) => {
    if (vpcId === "") return null;
    const useless =
      zones.length > 0 ? "zones" : nat !== "none" ? "nat" : interfaceEndpoints.length > 0 ? "interfaceEndpoints" : null;
    if (useless === null) return null;
    return {
      message: `${useless}: says nothing where vpcId is given`,
      why: "a network that is there already is used as it is: its subnets name the zones, and their routes lead out",
      try: `pulumi config rm ${useless}`,
    };
  },
  ({ size, zones, subnetIds }) => {
    const [field, places] = zones.length > 0 ? ["zones", zones.length] : ["subnetIds", subnetIds.length];
    if (places === 0 || Math.ceil(size / places) <= Math.max(1, (size - 1) / 2)) return null;
    return {
      message: `${field}: ${places} cannot hold ${size} members so that the loss of one zone leaves a majority`,
      try: `name 3 ${field}, or pulumi config set size 1`,
    };
  },
  ({ vpcId, vpcCidr, zones }) => {
    const plan = vpcId === "" ? planSubnets(vpcCidr, zones.length > 0 ? zones : ["us-east-1a"]) : null;
    return plan === null || plan.ok ? null : plan.error;
  },
  ({ vpcId, zones, ...wish }) => {
    const plan = vpcId === "" ? planEgress({ ...wish, zones: zones.length > 0 ? zones : ["us-east-1a"] }) : null;
    return plan === null || plan.ok ? null : plan.error;
  },
  ({ allowSshFrom, sshAuthorizedKeys }) => {
    if (allowSshFrom.length === 0 || sshAuthorizedKeys.length > 0) return null;
    return {
      message: "allowSshFrom: opens port 22, but sshAuthorizedKeys lets nobody in",
      try: "pulumi config set --path 'sshAuthorizedKeys[0]' \"$(cat ~/.ssh/id_ed25519.pub)\"",
    };
  },
  ({ budgetUsd, alarmEmail }) => {
    if (budgetUsd === 0 || alarmEmail !== "") return null;
    return {
      message: `budgetUsd: ${budgetUsd} needs alarmEmail, which is told when it is passed`,
      try: "pulumi config set alarmEmail ops@example.com",
    };
  },
  ({ slackBotToken, slackAppToken }) => {
    if ((slackBotToken === "") === (slackAppToken === "")) return null;
    const [there, missing] =
      slackBotToken === "" ? ["slackAppToken", "slackBotToken"] : ["slackBotToken", "slackAppToken"];
    return { message: `${there}: needs ${missing} too`, try: `pulumi config set --secret ${missing} …` };
  },
];

const CHANNELS: Readonly<Record<InfraConfig["os"], readonly string[]>> = {
  flatcar: ["stable", "beta", "alpha", "lts"],
  "fedora-coreos": ["stable", "testing", "next"],
};
