import type { InfraConfig } from "../config/schema.ts";
import { NAT_INSTANCE_TYPES } from "../network/nat-instance.ts";
import { MONTH_HOURS, PRICES } from "./prices.ts";

/** One thing that is paid for. */
export interface CostLine {
  /** In words: `3 × t3.small`. */
  readonly what: string;
  /** US dollars a month, to the cent; `null` where the price is not known here. */
  readonly monthlyUsd: number | null;
}

/** A month of the cluster that does nothing yet. */
export interface CostEstimate {
  /** What runs by itself, dearest first, what is not known last. */
  readonly lines: readonly CostLine[];
  /** Of the lines whose price is known, to the cent. */
  readonly knownUsd: number;
  /** What comes on top and how it is counted; never in the sum. */
  readonly notCounted: readonly string[];
  /** When and of which region the prices are. */
  readonly pricesOf: { readonly date: string; readonly region: string };
}

/** Where the cluster will stand. */
interface Place {
  readonly region: string;
  /** How many zones it uses; those of `subnetIds` where the network is given. */
  readonly zones: number;
}

/** What the configured cluster costs a month before anything is used, and what that leaves out. */
export function estimateCost(config: InfraConfig, { region, zones }: Place): CostEstimate {
  const lines = [
    ...machineLines(config),
    ...networkLines(config, zones),
    { what: "1 KMS key of the cluster's CA", monthlyUsd: cents(PRICES.kmsKeyMonth) },
  ];
  const known = lines.flatMap(({ monthlyUsd }) => (monthlyUsd === null ? [] : [monthlyUsd]));
  return {
    lines: lines.toSorted((a, b) => (b.monthlyUsd ?? -1) - (a.monthlyUsd ?? -1)),
    knownUsd: cents(known.reduce((sum, usd) => sum + usd, 0)),
    notCounted: notCounted(config, region),
    pricesOf: { date: PRICES.date, region: PRICES.region },
  };
}

/** The estimate as lines of text, amounts flush right; the last lines say what the sum is of and what it leaves out. */
export function renderCost({ lines, knownUsd, notCounted, pricesOf }: CostEstimate): string {
  const unknown = lines.filter(({ monthlyUsd }) => monthlyUsd === null).length;
  const total = unknown === 0 ? "a month" : `a month, without the ${unknown} of unknown price`;
  const rows = [...lines, { what: total, monthlyUsd: knownUsd }].map(({ what, monthlyUsd }) => ({
    amount: monthlyUsd === null ? "unknown" : `$${monthlyUsd.toFixed(2)}`,
    what,
  }));
  const width = Math.max(...rows.map(({ amount }) => amount.length));
  return [
    ...rows.map(({ amount, what }) => `${amount.padStart(width)}  ${what}`),
    `List prices of ${pricesOf.region}, ${pricesOf.date}. Not counted: ${notCounted.join("; ")}.`,
  ].join("\n");
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;
const hourly = (usd: number | undefined, count: number): number | null =>
  usd === undefined ? null : cents(usd * count * MONTH_HOURS);

function machineLines(config: InfraConfig): readonly CostLine[] {
  const { size, instanceType, rootVolumeGiB, dataVolumeGiB } = config;
  const volumesGiB = size * (rootVolumeGiB + dataVolumeGiB);
  return [
    { what: `${size} × ${instanceType}`, monthlyUsd: hourly(PRICES.instanceHour.get(instanceType), size) },
    {
      what: `${size} × ${rootVolumeGiB} + ${dataVolumeGiB} GiB of gp3`,
      monthlyUsd: cents(volumesGiB * PRICES.volumeGiBMonth),
    },
  ];
}

function networkLines(config: InfraConfig, zones: number): readonly CostLine[] {
  const { size, publicAddresses, vpcId, nat, interfaceEndpoints, architecture } = config;
  const nats = vpcId !== "" || nat === "none" ? 0 : nat === "per-zone" ? zones : 1;
  const addresses = (publicAddresses ? size : 0) + nats;
  const lines: CostLine[] = [];
  if (addresses > 0)
    lines.push({
      what: counted(addresses, "public address", "public addresses"),
      monthlyUsd: hourly(PRICES.publicAddressHour, addresses),
    });
  if (nats > 0 && nat === "instance") {
    const type = NAT_INSTANCE_TYPES[architecture];
    lines.push({ what: `1 × ${type} as NAT`, monthlyUsd: hourly(PRICES.instanceHour.get(type), 1) });
  } else if (nats > 0)
    lines.push({ what: counted(nats, "NAT gateway", "NAT gateways"), monthlyUsd: hourly(PRICES.natGatewayHour, nats) });
  const doors = interfaceEndpoints.length * zones;
  if (doors > 0)
    lines.push({
      what: `${interfaceEndpoints.length} × ${counted(zones, "zone", "zones")} of interface endpoints`,
      monthlyUsd: hourly(PRICES.interfaceEndpointHour, doors),
    });
  return lines;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function notCounted({ nat, interfaceEndpoints, kmsKeyId }: InfraConfig, region: string): readonly string[] {
  return [
    ...(region === PRICES.region ? [] : [`what ${region} costs more or less than ${PRICES.region}`]),
    "traffic to the internet and between zones",
    ...(nat === "none" ? [] : nat === "instance" ? [] : [`what passes the NAT, $${PRICES.natGatewayGB} a GB`]),
    ...(interfaceEndpoints.length === 0 ? [] : [`what passes the endpoints, $${PRICES.interfaceEndpointGB} a GB`]),
    "objects in S3, secrets, private DNS, metrics and alarms, whose prices are not known here",
    ...(kmsKeyId === "" ? [] : ["the KMS key that you brought"]),
    "surplus CPU credits of burstable instances",
  ];
}
