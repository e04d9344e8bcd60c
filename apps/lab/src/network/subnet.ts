/** An IPv4 network: the lowest address as an unsigned 32-bit number, and the prefix length in bits. */
export type Subnet = { readonly base: number; readonly bits: number };

const FIRST = 10 * 2 ** 24 + 78 * 2 ** 16;
const CHOICES = 256;

/**
 * A /24 of 10.78.0.0/16 that overlaps nothing in use. The search begins at `seed` (any whole number), so that two labs that start at
 * once seldom want the same one. @returns null when all are taken
 */
export function chooseSubnet(seed: number, used: readonly Subnet[]): Subnet | null {
  for (let offset = 0; offset < CHOICES; offset++) {
    const candidate = { base: FIRST + ((((seed + offset) % CHOICES) + CHOICES) % CHOICES) * 256, bits: 24 };
    if (!used.some((other) => overlaps(candidate, other))) return candidate;
  }
  return null;
}

/** Whether two networks share an address; one within the other counts. */
export function overlaps(left: Subnet, right: Subnet): boolean {
  const size = 2 ** (32 - Math.min(left.bits, right.bits));
  return Math.floor(left.base / size) === Math.floor(right.base / size);
}

/** Reads `10.78.3.0/24`, or a bare address as a /32; null for what is neither (IPv6, `default`). */
export function parseSubnet(text: string): Subnet | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return null;
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  return { base: Math.floor(address / size) * size, bits };
}

/** The address with that number in the network, dotted: the bridge is 1, machine m<N> is 10 + N. */
export function addressIn(subnet: Subnet, number: number): string {
  const address = subnet.base + number;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

export function renderSubnet(subnet: Subnet): string {
  return `${addressIn(subnet, 0)}/${subnet.bits}`;
}
