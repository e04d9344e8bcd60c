import { access } from "node:fs/promises";
import type { Problem, UnitIdentity, UnitName } from "@quarterdeck/model";
import { identityFiles } from "./identity-files.ts";

/** What keeps the unit from being handed its certificate on this machine, or `null`. `pki` is `null` where units are plain processes. */
export async function checkIdentity(
  unit: UnitName,
  identity: UnitIdentity,
  pki: string | null,
): Promise<Problem | null> {
  if (pki === null)
    return {
      code: "SYSTEMD_REFUSED",
      message: `${unit} has Identity=${identity}, and plain processes are handed no certificates`,
      why: "only systemd can show a certificate to one unit alone",
      try: "remove Identity=, or run it where machines have systemd",
    };
  for (const { path } of identityFiles(identity, pki)) {
    try {
      await access(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return {
        code: "INVALID_CERTIFICATE",
        message: `${unit} has Identity=${identity}, and this machine has no ${path}`,
        why: "a unit is handed the certificate that its machine was given, and none is made for it",
        try: `give the machine ${path}; the unit starts by itself then`,
      };
    }
  }
  return null;
}
