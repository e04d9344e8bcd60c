import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { LabHome } from "./home.ts";
import { runOrFail } from "./run-command.ts";

/** The key that opens every machine of the lab as user `core`; made once. @returns its public line */
export async function ensureSshKey(home: LabHome, signal: AbortSignal): Promise<string> {
  await mkdir(dirname(home.sshKey), { recursive: true, mode: 0o700 });
  if (!existsSync(home.sshKey))
    await runOrFail(
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "quarterdeck-lab", "-f", home.sshKey],
      {},
      signal,
    );
  return (await readFile(`${home.sshKey}.pub`, "utf8")).trim();
}
