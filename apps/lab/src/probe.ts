import { mkdir, mkdtemp, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "@quarterdeck/model";
import { readCgroupMounts, type CgroupMounts } from "./machine/cgroup.ts";
import { runCommand } from "./run-command.ts";

const CAP_NET_ADMIN = 12;
const CAP_SYS_ADMIN = 21;

/** What the kernel lets this process do, or why machines cannot run here. */
export type ProbeResult =
  | { readonly ok: true; readonly cgroups: CgroupMounts }
  | { readonly ok: false; readonly reasons: readonly string[] };

/** Tries, on throw-away objects, everything a machine needs of the kernel. Needs the host packages; changes nothing. */
export async function probeHost(scratch: string, tag: string, signal: AbortSignal): Promise<ProbeResult> {
  const reasons: string[] = [...missingRights(...(await readRights()))];
  if (reasons.length > 0) return { ok: false, reasons };
  const cgroups = await readCgroupMounts();
  if (cgroups === null) reasons.push("cgroup v2 is not mounted");
  else if (!(await canMakeCgroup(join(cgroups.unified, `${tag}probe`))))
    reasons.push(`${cgroups.unified} is not writable`);
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(join(scratch, "probe-"));
  for (const name of ["lower", "upper", "work", "merged"]) await mkdir(join(dir, name));
  const overlay = `lowerdir=${dir}/lower,upperdir=${dir}/upper,workdir=${dir}/work`;
  const tries: readonly (readonly [string, readonly string[]])[] = [
    ["new mount, pid and network namespaces are refused", ["unshare", "-m", "-p", "-n", "-f", "true"]],
    [
      "an overlay mount is refused",
      ["unshare", "-m", "mount", "-t", "overlay", "overlay", "-o", overlay, `${dir}/merged`],
    ],
    ["a bridge is refused", ["unshare", "-n", "ip", "link", "add", "probe0", "type", "bridge"]],
    [
      "a veth pair is refused",
      ["unshare", "-n", "ip", "link", "add", "probe1", "type", "veth", "peer", "name", "probe2"],
    ],
    ["nft has no bridge family", ["unshare", "-n", "nft", "add table bridge probe"]],
  ];
  for (const [reason, argv] of tries) {
    const result = await runCommand(argv, { timeoutMs: 10_000 }, signal);
    if (result.code !== 0) reasons.push(`${reason} (${result.stderr.trim().split("\n")[0] ?? ""})`);
  }
  await rm(dir, { recursive: true, force: true });
  return cgroups === null || reasons.length > 0 ? { ok: false, reasons } : { ok: true, cgroups };
}

/** What {@link missingRights} judges: who this process is, and what the kernel says of it. */
export async function readRights(): Promise<readonly [uid: number, status: string]> {
  return [process.getuid?.() ?? 0, await readFile("/proc/self/status", "utf8")];
}

/** What is missing of root's rights, from the text of /proc/self/status: a container's root may have lost some. */
export function missingRights(uid: number, status: string): readonly string[] {
  if (uid !== 0) return ["not root"];
  const effective = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const has = (bit: number): boolean => ((effective >> BigInt(bit)) & 1n) === 1n;
  return [...(has(CAP_SYS_ADMIN) ? [] : ["no CAP_SYS_ADMIN"]), ...(has(CAP_NET_ADMIN) ? [] : ["no CAP_NET_ADMIN"])];
}

/** The refusal for people. */
export function unsupported(reasons: readonly string[]): CodedError {
  return new CodedError("LAB_UNSUPPORTED", {
    message: "machines (systemd-nspawn) cannot run on this host",
    why: reasons.join("; "),
    try: "run as root on a Debian 12 host or virtual machine, or in a container started with --privileged --cgroupns=host",
  });
}

async function canMakeCgroup(dir: string): Promise<boolean> {
  try {
    await mkdir(dir, { recursive: true });
    await rmdir(dir);
    return true;
  } catch (error) {
    if (["EROFS", "EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}
