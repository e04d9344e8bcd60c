import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import { z } from "zod";
import type { ListedMachine } from "./control-client.ts";
import type { LabHome } from "./home.ts";
import { deriveHostNames } from "./host-names.ts";
import { labFailed } from "./lab-failed.ts";
import { readCgroupMounts } from "./machine/cgroup.ts";
import { attachInside } from "./machine/inside.ts";
import { isPlain, plainShell } from "./plain/plain-shell.ts";

const contextSchema = z.object({ endpoints: z.array(z.string()) });
const PKI = "/etc/quarterdeck/pki";

/** Runs a command inside a machine with the terminal's own input and output. @returns its exit code, 124 when its time was up */
export async function shell(
  home: LabHome,
  machine: ListedMachine,
  command: { readonly argv: readonly string[]; readonly timeoutMs: number | null },
): Promise<number> {
  if (machine.pid === null)
    throw new CodedError("CONFLICT", { message: `${machine.name} is off`, try: `npx lab boot ${machine.name}` });
  if (isPlain(machine)) {
    const root = join(home.machines, machine.name);
    return plainShell({ root, environment: await etcdctlEnvironment(home, join(root, PKI)), ...command });
  }
  const cgroups = await readCgroupMounts();
  if (cgroups === null) throw labFailed("cgroup v2 is not mounted");
  const cgroup = join(cgroups.unified, deriveHostNames(home.root).tag, machine.name, "payload", "lab-shell");
  return attachInside({ leader: machine.pid, cgroup, environment: await etcdctlEnvironment(home, PKI), ...command });
}

/** What makes a plain `etcdctl` speak to the cluster, as the machine's own operator. */
async function etcdctlEnvironment(home: LabHome, pki: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(home.contexts, "local.json"), "utf8").catch(() => null);
  // Before the first quorum there is nothing to speak to.
  if (text === null) return {};
  const { endpoints } = contextSchema.parse(JSON.parse(text));
  return {
    ETCDCTL_ENDPOINTS: endpoints.join(","),
    ETCDCTL_CACERT: `${pki}/ca.pem`,
    ETCDCTL_CERT: `${pki}/api.pem`,
    ETCDCTL_KEY: `${pki}/api-key.pem`,
  };
}
