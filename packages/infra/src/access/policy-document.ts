/** A policy of IAM as JSON; the part of its grammar that Quarterdeck writes. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** One right. A policy on an identity has a `Resource`, one on a role's trust has a `Principal`. */
export interface PolicyStatement {
  /** Says what the right is for. */
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource?: readonly string[];
  readonly Principal?: { readonly AWS: readonly string[] } | { readonly Service: readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** The one version of the grammar that knows variables. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
export function policyDocument(statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

/** Who may take a role: a service of AWS. */
export function serviceTrust(service: string): PolicyDocument {
  return policyDocument([
    { Sid: "Service", Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { Service: [service] } },
  ]);
}

/** Who may take a role: users and roles by ARN, at least one. */
export function identityTrust(arns: readonly string[]): PolicyDocument {
  return policyDocument([{ Sid: "Operators", Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { AWS: arns } }]);
}
