/**
 * List prices in US dollars of one region, `us-east-1`, before tax, free tiers and savings plans. What is not here is not known, and an
 * estimate says so. Instance prices are those of public tables of the price list as of `date`; the others are the list prices of AWS's
 * pages that stand beside them. None was read from AWS's price API, so look again before you rely on a cent.
 */
export const PRICES = {
  date: "2026-07-28",
  region: "us-east-1",
  /** On demand, Linux, by the hour. @see https://aws.amazon.com/ec2/pricing/on-demand/ */
  instanceHour: new Map([
    ["t3.nano", 0.0052],
    ["t3.micro", 0.0104],
    ["t3.small", 0.0208],
    ["t3.medium", 0.0416],
    ["t3.large", 0.0832],
    ["t3.xlarge", 0.1664],
    ["t3.2xlarge", 0.3328],
    ["t4g.nano", 0.0042],
    ["t4g.micro", 0.0084],
    ["t4g.small", 0.0168],
    ["t4g.medium", 0.0336],
    ["t4g.large", 0.0672],
    ["t4g.xlarge", 0.1344],
    ["m7g.large", 0.0816],
  ]),
  /** gp3 within its base line of 3000 operations and 125 MiB a second. @see https://aws.amazon.com/ebs/pricing/ */
  volumeGiBMonth: 0.08,
  /** Each public IPv4 address, used or not. @see https://aws.amazon.com/vpc/pricing/ */
  publicAddressHour: 0.005,
  /** A gateway, and what passes it. @see https://aws.amazon.com/vpc/pricing/ */
  natGatewayHour: 0.045,
  natGatewayGB: 0.045,
  /** In each zone that it stands in, and what passes it. @see https://aws.amazon.com/privatelink/pricing/ */
  interfaceEndpointHour: 0.01,
  interfaceEndpointGB: 0.01,
  /** @see https://aws.amazon.com/kms/pricing/ */
  kmsKeyMonth: 1,
} as const;

/** Hours of an average month, as AWS counts them. */
export const MONTH_HOURS = 730;
