import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { LabHome } from "./home.ts";
import { labFailed } from "./lab-failed.ts";
import { addressIn, chooseSubnet, overlaps, parseSubnet, renderSubnet, type Subnet } from "./network/subnet.ts";

const stateSchema = z.object({
  v: z.literal(1),
  subnet: z.string(),
  /** How many machines, from m1 on, are etcd members; it never changes, as members would have to be added one by one. */
  members: z.int().min(1).max(3),
  /** The sandbox's tokens; made up here, worth nothing anywhere else. */
  botToken: z.string(),
  appToken: z.string(),
});

/** What must stay the same of a lab over restarts: `lab.json` in its home. */
export type LabState = Readonly<Omit<z.infer<typeof stateSchema>, "subnet">> & { readonly subnet: Subnet };

/**
 * Reads the state or makes it, in `fixed` if that is given; etcd members keep their addresses for ever, so a subnet that was taken meanwhile is an error.
 * @throws {CodedError} CONFLICT for that; LAB_FAILED when no subnet is free
 */
export async function openLabState(
  home: LabHome,
  machines: number,
  used: readonly Subnet[],
  fixed: Subnet | null = null,
): Promise<LabState> {
  const text = await readFile(home.state, "utf8").catch(() => null);
  if (text !== null) return readState(home, text, used, fixed);
  const seed = createHash("sha256").update(home.root).digest().readUInt16BE(0);
  const subnet = fixed ?? chooseSubnet(seed, used);
  if (subnet === null)
    throw labFailed("no network of 10.78.0.0/16 is free", {
      why: "every one overlaps a network or route of this host",
      try: "ip route",
    });
  const state: LabState = {
    v: 1,
    subnet,
    members: machines >= 3 ? 3 : 1,
    botToken: `xoxb-sandbox-${randomBytes(12).toString("hex")}`,
    appToken: `xapp-sandbox-${randomBytes(12).toString("hex")}`,
  };
  await mkdir(home.root, { recursive: true });
  await writeFile(`${home.state}.new`, `${JSON.stringify({ ...state, subnet: renderSubnet(subnet) }, null, 2)}\n`, {
    mode: 0o600,
  });
  await rename(`${home.state}.new`, home.state);
  return state;
}

function readState(home: LabHome, text: string, used: readonly Subnet[], fixed: Subnet | null): LabState {
  const parsed = stateSchema.parse(JSON.parse(text));
  const subnet = parseSubnet(parsed.subnet);
  if (subnet === null) throw labFailed(`${home.state} names no subnet`, { why: parsed.subnet, try: "npx lab reset" });
  const isLoopback = (one: Subnet): boolean => addressIn(one, 0).startsWith("127.");
  if (isLoopback(subnet) !== (fixed !== null && isLoopback(fixed)))
    throw new CodedError("CONFLICT", {
      message: `this home holds ${isLoopback(subnet) ? "plain processes" : "machines"}, which are not what was to start`,
      why: `${home.state} names the network ${parsed.subnet}`,
      try: "set QUARTERDECK_HOME to another folder, or npx lab reset to begin anew",
    });
  if (used.some((other) => overlaps(subnet, other)))
    throw new CodedError("CONFLICT", {
      message: `the lab's network ${parsed.subnet} is in use on this host now`,
      why: "its etcd members are known to each other by addresses in it",
      try: "free it (ip route), or npx lab reset to begin anew in another one",
    });
  return { ...parsed, subnet };
}
