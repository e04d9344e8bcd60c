import { CodedError, refuse, succeed, type Result } from "@quarterdeck/model";

/** A block of IPv4 addresses. `base` is its first address as an unsigned 32-bit number and a multiple of the block's size. */
export interface Cidr {
  readonly base: number;
  /** 0 to 32. */
  readonly prefixLength: number;
}

/** Reads `10.78.0.0/16`; a text with host bits set is refused, with the block that it lies in as the hint. */
export function parseCidr(text: string): Result<Cidr> {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefixLength = 33] = parts.map(Number);
  if (Math.max(a, b, c, d) > 255 || prefixLength > 32) return refusal(text, "10.78.0.0/16");
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const size = 2 ** (32 - prefixLength);
  const block = { base: address - (address % size), prefixLength };
  return block.base === address ? succeed(block) : refusal(text, renderCidr(block));
}

const refusal = (text: string, hint: string) =>
  refuse({
    code: "INVALID_CONFIG" as const,
    message: `${JSON.stringify(text)} is not a CIDR block`,
    why: "a block is an IPv4 network address, a slash and a prefix length from 0 to 32, with no bit set behind the prefix",
    try: hint,
  });

/** `10.78.0.0/16`: the one spelling that {@link parseCidr} takes. */
export function renderCidr(cidr: Cidr): string {
  return `${renderAddress(cidr.base)}/${cidr.prefixLength}`;
}

/** How many addresses the block has, the first and the last included. */
export function sizeOfCidr({ prefixLength }: Cidr): number {
  return 2 ** (32 - prefixLength);
}

/** Whether every address of `inner` is one of `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.base <= inner.base && inner.base + sizeOfCidr(inner) <= outer.base + sizeOfCidr(outer);
}

/** Whether some address belongs to both. */
export function overlapCidrs(one: Cidr, other: Cidr): boolean {
  return one.base < other.base + sizeOfCidr(other) && other.base < one.base + sizeOfCidr(one);
}

/**
 * Part `index`, from 0, of the block cut into `2 ** bits` equal parts.
 * @throws {CodedError} INTERNAL when there is no such part.
 */
export function partOfCidr(cidr: Cidr, bits: number, index: number): Cidr {
  const prefixLength = cidr.prefixLength + bits;
  if (prefixLength > 32 || index < 0 || index >= 2 ** bits)
    throw new CodedError("INTERNAL", { message: `${renderCidr(cidr)} has no part ${index} of 2^${bits}` });
  return { base: cidr.base + index * 2 ** (32 - prefixLength), prefixLength };
}

function renderAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
