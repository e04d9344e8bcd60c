import { join } from "node:path";
import type { UnitIdentity } from "@quarterdeck/model";

/** One file that a unit with an identity is handed: its name in `$CREDENTIALS_DIRECTORY`, and where the machine keeps it. */
export type IdentityFile = { readonly id: string; readonly path: string };

/** The names are the same for each identity, so that a program need not know its own. */
export function identityFiles(identity: UnitIdentity, pki: string): readonly IdentityFile[] {
  return [
    { id: "identity.pem", path: join(pki, `${identity}.pem`) },
    { id: "identity-key.pem", path: join(pki, `${identity}-key.pem`) },
    { id: "ca.pem", path: join(pki, "ca.pem") },
  ];
}
