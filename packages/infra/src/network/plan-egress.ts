import { refuse, succeed, type Result } from "@quarterdeck/model";

/** How machines without public addresses reach the outside: not, through a small instance, one NAT gateway, or one in each zone. */
export const NAT_MODES = ["none", "instance", "single", "per-zone"] as const;
export type NatMode = (typeof NAT_MODES)[number];

/** The services of AWS that a machine asks itself, which no machine can do without. */
export const NEEDED_ENDPOINTS = ["autoscaling", "ec2", "kms", "secretsmanager", "sts"] as const;
/** What Session Manager needs besides, where a machine has no other way out. */
export const SESSION_ENDPOINTS = ["ec2messages", "ssm", "ssmmessages"] as const;
export const INTERFACE_ENDPOINTS = [...NEEDED_ENDPOINTS, ...SESSION_ENDPOINTS] as const;
export type InterfaceEndpoint = (typeof INTERFACE_ENDPOINTS)[number];

/** What is asked for. */
export interface EgressWish {
  readonly nat: NatMode;
  /** Whether machines get public addresses, which nobody reaches from outside unless a rule lets them. */
  readonly publicAddresses: boolean;
  readonly interfaceEndpoints: readonly InterfaceEndpoint[];
  /** The registry that is asked for images instead of the public ones, inside the network; empty for none. */
  readonly imageMirror: string;
  /** In the order in which they were given; at least one. */
  readonly zones: readonly string[];
}

/** How each zone's machines reach the outside. */
export interface EgressPlan {
  /** Which of a zone's subnets its machines live in. */
  readonly machineSubnets: "public" | "private";
  /** Where a NAT stands, each in the public subnet of its zone. */
  readonly natZones: readonly string[];
  /** What stands there. */
  readonly natKind: "gateway" | "instance" | null;
  /** The zone whose NAT a zone's private subnet goes through; `null` where there is none. */
  readonly natOf: Readonly<Record<string, string | null>>;
  /** Whether anything needs an internet gateway. */
  readonly internetGateway: boolean;
  /** Sorted, each once. The gateway endpoint of S3 is always there and costs nothing. */
  readonly interfaceEndpoints: readonly InterfaceEndpoint[];
}

/**
 * Plans the ways out. Refused: no way at all (no NAT, no public addresses) unless every needed endpoint and an image mirror are there, and a
 * NAT beside public addresses, which nothing would use and which would be paid for.
 */
export function planEgress(wish: EgressWish): Result<EgressPlan> {
  const fault = wish.publicAddresses ? faultOfUnusedNat(wish) : faultOfNoWayOut(wish);
  if (fault !== null) return refuse({ code: "INVALID_CONFIG", ...fault });
  const natZones = zonesWithNat(wish);
  return succeed({
    machineSubnets: wish.publicAddresses ? "public" : "private",
    natZones,
    natKind: wish.nat === "none" ? null : wish.nat === "instance" ? "instance" : "gateway",
    natOf: Object.fromEntries(
      wish.zones.map((zone) => [zone, natZones.includes(zone) ? zone : (natZones[0] ?? null)] as const),
    ),
    internetGateway: wish.publicAddresses || natZones.length > 0,
    interfaceEndpoints: [...new Set(wish.interfaceEndpoints)].toSorted(),
  });
}

function zonesWithNat({ nat, zones }: EgressWish): readonly string[] {
  switch (nat) {
    case "none":
      return [];
    case "instance":
    case "single":
      return zones.slice(0, 1);
    case "per-zone":
      return zones;
  }
}

type Fault = { readonly message: string; readonly why: string; readonly try: string };

function faultOfUnusedNat({ nat }: EgressWish): Fault | null {
  if (nat === "none") return null;
  return {
    message: `nat: "${nat}" must be "none" where publicAddresses is true`,
    why: "machines with public addresses leave through the internet gateway: the NAT would cost money and carry nothing",
    try: "pulumi config set publicAddresses false, or pulumi config set nat none",
  };
}

function faultOfNoWayOut({ nat, interfaceEndpoints, imageMirror }: EgressWish): Fault | null {
  if (nat !== "none") return null;
  const missing = NEEDED_ENDPOINTS.filter((service) => !interfaceEndpoints.includes(service));
  if (missing.length === 0 && imageMirror !== "") return null;
  const lacks = [
    ...(missing.length === 0 ? [] : [`the interface endpoints ${missing.join(", ")}`]),
    ...(imageMirror === "" ? ["an imageMirror"] : []),
  ];
  return {
    message: `nat: "none" without publicAddresses needs ${lacks.join(" and ")}`,
    why: "a machine asks these services for its identity, its volume and its secrets, and a registry for images; without a way to them it never joins",
    try: "pulumi config set nat instance, or pulumi config set publicAddresses true",
  };
}
