import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LabHome } from "./home.ts";
import type { Identities } from "./identities.ts";

/** Writes the context `local`, by which `fleet` finds this cluster. */
export async function writeLocalContext(
  home: LabHome,
  identities: Identities,
  endpoints: readonly string[],
): Promise<void> {
  const { operator } = identities;
  const context = {
    name: "local",
    endpoints,
    prefix: "/quarterdeck/",
    ca: operator.caPath,
    cert: operator.certPath,
    key: operator.keyPath,
    user: operator.principal,
    transport: "direct",
    // The addresses are the lab's own: without a running lab they may be anybody's, and nothing is sent to them.
    lab: home.controlSocket,
    ssh: { key: home.sshKey, knownHosts: join(home.contexts, "local.known_hosts") },
  };
  const path = join(home.contexts, "local.json");
  await mkdir(home.contexts, { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(context, null, 2)}\n`);
  await rename(`${path}.new`, path);
}
