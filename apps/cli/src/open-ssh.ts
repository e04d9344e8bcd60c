import { spawn } from "node:child_process";
import { once } from "node:events";
import { isIP } from "node:net";
import type { SshTarget } from "@quarterdeck/commands";
import { CodedError } from "@quarterdeck/model";
import type { SshFiles } from "./read-context.ts";

/**
 * Hands this terminal over to the user's ssh(1).
 *
 * @returns its exit code; 255 when it could not connect
 * @throws {CodedError} NOT_FOUND where there is no ssh · MACHINE_UNREACHABLE when the address is none
 */
export async function openSsh(target: SshTarget, files: SshFiles | null, signal: AbortSignal): Promise<number> {
  const argv = sshArguments(target, files);
  const child = spawn("ssh", argv, { stdio: "inherit", signal });
  const [code] = await once(child, "close").catch((error: unknown) => {
    signal.throwIfAborted();
    throw new CodedError(
      "NOT_FOUND",
      { message: "ssh cannot be run", why: String(error), try: "apt-get install openssh-client" },
      { cause: error },
    );
  });
  return typeof code === "number" ? code : 255;
}

/**
 * What ssh(1) is called with. The machine's key is remembered by its machine-id, for an address may be another machine's tomorrow; the lab's machines,
 * which come and go, are believed at first sight.
 */
export function sshArguments(target: SshTarget, files: SshFiles | null): readonly string[] {
  const { machine, address, user, port, forwardAgent, command } = target;
  // An agent wrote the address: what is none might be read as an option.
  if (isIP(address) === 0)
    throw new CodedError("MACHINE_UNREACHABLE", {
      message: `${JSON.stringify(address)} is not an IP address`,
      why: `the agent of ${machine.slice(0, 8)} says that it is there`,
      try: "fleet list-machines",
    });
  return [
    "-l",
    user,
    "-p",
    String(port),
    "-o",
    `HostKeyAlias=quarterdeck-${machine}`,
    ...(files === null ? [] : labOptions(files)),
    ...(forwardAgent ? ["-A"] : []),
    "--",
    address,
    ...command,
  ];
}

function labOptions({ key, knownHosts }: SshFiles): readonly string[] {
  const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`, "StrictHostKeyChecking=accept-new"];
  return ["-i", key, ...[...options, "LogLevel=ERROR"].flatMap((option) => ["-o", option])];
}
