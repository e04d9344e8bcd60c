import { createHash } from "node:crypto";

/** The largest machine number whose link name fits in the 15 characters that the kernel allows. */
export const MAX_MACHINE_NUMBER = 99;

/** What one lab's objects on the host are called; all begin with `tag`, so that leftovers are found by it. */
export type HostNames = {
  /** `qd` and the first 6 hex digits of the home path's sha256; also the cgroup and the nft tables. */
  readonly tag: string;
  readonly bridge: string;
  /** The name nspawn knows a machine by, and the host's end of its network link. */
  machine(number: number): string;
};

/** Two labs with different homes never share a name; the same home always gets the same ones. */
export function deriveHostNames(homePath: string): HostNames {
  const tag = `qd${createHash("sha256").update(homePath).digest("hex").slice(0, 6)}`;
  return { tag, bridge: `${tag}br`, machine: (number) => `${tag}m${number}` };
}
