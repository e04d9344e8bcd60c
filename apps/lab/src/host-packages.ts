import { CodedError } from "@quarterdeck/model";
import type { Progress } from "./progress.ts";
import { runCommand, runOrFail } from "./run-command.ts";

/** What the host must have; none of them brings a daemon that starts by itself. */
const HOST_PACKAGES = [
  "systemd-container",
  "mmdebstrap",
  "nftables",
  "iproute2",
  "openssh-client",
  "e2fsprogs",
] as const;

const APT = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };

/**
 * Installs the missing packages in one question-free step; says so before.
 * @throws {CodedError} LAB_UNSUPPORTED without root or without apt, with the line to type
 * @returns the packages that were installed now
 */
export async function ensureHostPackages(progress: Progress, signal: AbortSignal): Promise<readonly string[]> {
  const missing = await missingPackages(signal);
  if (missing.length === 0) return [];
  const line = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0)
    throw new CodedError("LAB_UNSUPPORTED", {
      message: `these Debian packages are missing: ${missing.join(" ")}`,
      why: "only root can install them",
      try: `sudo ${line}`,
    });
  progress.say(`as root: ${line}`);
  // Not by our signal: a dpkg that is killed leaves packages half configured. Ctrl-C waits for it.
  const toTheEnd = new AbortController().signal;
  await progress.step("Debian packages", async () => {
    const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...missing];
    const first = await runCommand(install, { env: APT }, toTheEnd);
    if (first.code === 0) return;
    // Package lists may be absent (images strip them) or too old to name what the mirror has.
    await runOrFail(["apt-get", "update", "-qq"], { env: APT }, toTheEnd);
    await runOrFail(install, { env: APT }, toTheEnd);
  });
  signal.throwIfAborted();
  return missing;
}

/** Of `HOST_PACKAGES`, those dpkg does not report as installed. */
async function missingPackages(signal: AbortSignal): Promise<readonly string[]> {
  const result = await runCommand(
    ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", ...HOST_PACKAGES],
    {},
    signal,
  );
  if (result.code === 127)
    throw new CodedError("LAB_UNSUPPORTED", {
      message: "this is not a Debian: dpkg-query is not here",
      try: "use Debian 12, or a container of it with full privileges",
    });
  const installed = parseInstalled(result.stdout);
  return HOST_PACKAGES.filter((name) => !installed.has(name));
}

/** Reads lines of `name status`; only the status `installed` counts. */
export function parseInstalled(text: string): ReadonlySet<string> {
  const names = text.split("\n").flatMap((line) => {
    const [name, status] = line.split(" ");
    return name !== undefined && status === "installed" ? [name] : [];
  });
  return new Set(names);
}
