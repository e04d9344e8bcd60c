import { createHmac } from "node:crypto";
import type { MachineId } from "@quarterdeck/model";

/** Zincati's own, by which it makes an id of its own of the machine's. @see https://coreos.github.io/zincati/usage/agent-identity/ */
const ZINCATI = Buffer.from("de35106b6ec24688b63afddaa156679b", "hex");

/**
 * How Zincati calls a machine: 32 lower-case hex digits, as `systemd-id128 machine-id --app-specific=…` prints them. Only who knows the machine-id
 * can tell it. @see sd_id128_get_machine_app_specific(3)
 */
export function deriveFleetLockId(machine: MachineId): string {
  const digest = createHmac("sha256", Buffer.from(machine, "hex")).update(ZINCATI).digest().subarray(0, 16);
  // A random UUID's version and variant, which sd-id128 gives every id that it makes.
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x40;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  return digest.toString("hex");
}
