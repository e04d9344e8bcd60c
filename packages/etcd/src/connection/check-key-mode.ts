import { stat } from "node:fs/promises";
import { CodedError } from "@quarterdeck/model";

const GROUP_OR_OTHERS = 0o077;

/**
 * Refuses a private key that others than its owner can read or change: whoever has it is us.
 * @throws {CodedError} INVALID_CERTIFICATE naming the `chmod` that mends it
 */
export async function checkKeyMode(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & GROUP_OR_OTHERS) === 0) return;
  throw new CodedError("INVALID_CERTIFICATE", {
    message: `the key ${path} is open to others (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
    why: "who can read it can speak to etcd in our name",
    try: `chmod 600 ${path}`,
  });
}
