import type { KeyObject } from "node:crypto";

/** What `node:crypto` has to hash with before it signs or verifies; null where the algorithm does that itself. */
export function digestFor({ asymmetricKeyType }: KeyObject): "sha256" | null {
  return asymmetricKeyType === "ed25519" || asymmetricKeyType === "ed448" ? null : "sha256";
}
