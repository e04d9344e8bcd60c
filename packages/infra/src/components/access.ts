import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { etcdIngress, machineIngress, type IngressRule } from "../access/ingress-rules.ts";
import { etcdMachinePolicy, workerPolicy } from "../access/machine-policies.ts";
import { operatorPolicy } from "../access/operator-policy.ts";
import { identityTrust, serviceTrust, type PolicyDocument } from "../access/policy-document.ts";
import type { Realm } from "../access/realm.ts";
import { renderTags } from "../names/tags.ts";

/** What rights are made from. */
export interface AccessArgs {
  readonly realm: Omit<Realm, "caKeyArn">;
  readonly caKeyArn: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
  readonly allowSshFrom: readonly string[];
  /** Who may take the operator's role; none: there is no such role. */
  readonly operatorArns: readonly string[];
}

/** Who may do what, and who may reach what: roles, instance profiles and security groups of a cluster. */
export class Access extends pulumi.ComponentResource {
  /** ARNs of the instance profiles. */
  readonly etcdProfileArn: pulumi.Output<string>;
  readonly workerProfileArn: pulumi.Output<string>;
  /** Of every machine. */
  readonly machineGroupId: pulumi.Output<string>;
  /** Of etcd machines, besides. */
  readonly etcdGroupId: pulumi.Output<string>;
  /** `null` where nobody was named. */
  readonly operatorRoleArn: pulumi.Output<string> | null;
  readonly #name: string;
  readonly #args: AccessArgs;

  constructor(name: string, args: AccessArgs, options?: pulumi.ComponentResourceOptions) {
    super("quarterdeck:aws:Access", name, {}, options);
    this.#name = name;
    this.#args = args;
    this.etcdProfileArn = this.#profile("etcd", etcdMachinePolicy);
    this.workerProfileArn = this.#profile("worker", workerPolicy);
    this.operatorRoleArn =
      args.operatorArns.length === 0
        ? null
        : this.#role("operator", identityTrust(args.operatorArns), operatorPolicy).arn;
    const machines = this.#group("machines", "Every machine", machineIngress(args.allowSshFrom), {});
    this.machineGroupId = machines.id;
    this.etcdGroupId = this.#group("etcd", "Etcd machines", etcdIngress(), { machines: machines.id }).id;
    this.registerOutputs();
  }

  #profile(part: string, policy: (realm: Realm) => PolicyDocument): pulumi.Output<string> {
    const role = this.#role(part, serviceTrust("ec2.amazonaws.com"), policy);
    const tags = this.#tags(part);
    return new aws.iam.InstanceProfile(`${this.#name}-${part}`, { role: role.name, tags }, { parent: this }).arn;
  }

  #role(part: string, trust: PolicyDocument, policy: (realm: Realm) => PolicyDocument): aws.iam.Role {
    const name = `${this.#name}-${part}`;
    const role = new aws.iam.Role(
      name,
      { assumeRolePolicy: JSON.stringify(trust), tags: this.#tags(part) },
      { parent: this },
    );
    const text = pulumi
      .output(this.#args.caKeyArn)
      .apply((caKeyArn) => JSON.stringify(policy({ ...this.#args.realm, caKeyArn })));
    new aws.iam.RolePolicy(name, { role: role.id, policy: text }, { parent: this });
    return role;
  }

  /** A group whose rules may name itself and those in `others`. */
  #group(
    part: "machines" | "etcd",
    description: string,
    rules: readonly IngressRule[],
    others: Readonly<Record<string, pulumi.Output<string>>>,
  ): aws.ec2.SecurityGroup {
    const ingress = rules.map(({ from, ...rule }) => {
      if (typeof from !== "string") return { ...rule, cidrBlocks: [...from] };
      const other = others[from];
      return other === undefined ? { ...rule, self: true } : { ...rule, securityGroups: [other] };
    });
    return new aws.ec2.SecurityGroup(
      `${this.#name}-${part}`,
      {
        vpcId: this.#args.vpcId,
        description,
        ingress,
        // Two groups on one machine add up: that of every machine has the way out.
        egress: part === "machines" ? [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }] : [],
        tags: this.#tags(part),
      },
      { parent: this },
    );
  }

  #tags(part: string): Record<string, string> {
    return { ...renderTags({ cluster: this.#args.realm.cluster, part, name: part }) };
  }
}
