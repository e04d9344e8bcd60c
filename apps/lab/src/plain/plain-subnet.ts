import type { Subnet } from "../network/subnet.ts";

/** 127.0.78.0/24: addresses that every Linux has and nobody else reaches. Machine m<N> is 127.0.78.(10+N). */
export const PLAIN_SUBNET: Subnet = { base: 127 * 2 ** 24 + 78 * 2 ** 8, bits: 24 };
