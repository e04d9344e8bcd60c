import * as pulumi from "@pulumi/pulumi";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import type { Problem, Result } from "@quarterdeck/model";
import { Cluster } from "./components/cluster.ts";
import { parseInfraConfig, type RawConfig } from "./config/parse-config.ts";
import { estimateCost, renderCost } from "./cost/estimate-cost.ts";
import { makeNetwork } from "./make-network.ts";
import { readPlace } from "./read-place.ts";

const UNFINISHED =
  "Not finished: the machines boot and can be reached, but no etcd, engine or agent runs on them yet (docs/aws.md). What is made costs what is estimated.";

const config = orRefuse(parseInfraConfig(ownConfig(), pulumi.getStack()));
const place = await readPlace(config);
const network = orRefuse(makeNetwork(config, place));
await pulumi.log.info(renderCost(estimateCost(config, { region: place.region, zones: network.subnets.size })));
await pulumi.log.warn(UNFINISHED);
const made = new Cluster(config.cluster, { config, place, network });

/** The outputs of the stack. */
export const cluster = config.cluster;
export const region = place.region;
/** Write them down as `zones` in the stack's config before AWS opens another zone to the account. */
export const zones = [...network.subnets.keys()];
export const bucket = made.bucket;
export const caKeyArn = made.caKeyArn;
export const operatorRoleArn = made.operatorRoleArn;
/** By member: where it is inside the network. */
export const etcd = Object.fromEntries(made.members.map(({ host, address }) => [host, address]));
/** What to type to get onto a machine. */
export const shell = `aws ssm start-session --region ${place.region} --target "$(aws ec2 describe-instances --region ${place.region} --filters Name=tag:quarterdeck:cluster,Values=${config.cluster} Name=instance-state-name,Values=running --query Reservations[0].Instances[0].InstanceId --output text)"`;

/** The project's own keys, without the project's name before them. */
function ownConfig(): RawConfig {
  const prefix = `${pulumi.getProject()}:`;
  const own = Object.entries(allConfig()).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

function orRefuse<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw new pulumi.RunError(renderProblem(result.error));
}

function renderProblem({ code, message, why, try: fix }: Problem): string {
  const lines = [`error[${code}]: ${message}`];
  if (why !== undefined) lines.push(`why: ${why}`);
  if (fix !== undefined) lines.push(`try: ${fix}`);
  return lines.join("\n");
}
