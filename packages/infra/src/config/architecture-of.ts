/**
 * What an instance type computes with, by AWS's naming: a `g` behind the generation's digits is Graviton, as in `t4g` and
 * `m7gd`, and so is all of `a1`. Anything else is x86_64.
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(instanceType: string): "x86_64" | "arm64" {
  return /^(a1\.|[a-z]+\d+g)/.test(instanceType) ? "arm64" : "x86_64";
}
