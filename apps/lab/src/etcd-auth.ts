import { join } from "node:path";
import type { EtcdBinary } from "./etcd-binary/etcd-source.ts";
import { labFailed } from "./lab-failed.ts";
import { runCommand } from "./run-command.ts";

export type EtcdAccess = { readonly etcd: EtcdBinary; readonly endpoints: readonly string[]; readonly pki: string };

/** Turns etcd's own access control on, with `root` (a certificate, no password) above it; nothing to do when it is on. */
export async function enableAuth(access: EtcdAccess, signal: AbortSignal): Promise<void> {
  const status = await etcdctl(access, ["auth", "status"], signal);
  if (status.stdout.includes("Authentication Status: true")) return;
  // Each may have been done by a start that was cut short between them.
  for (const step of [
    ["role", "add", "root"],
    ["user", "add", "root", "--no-password"],
    ["user", "grant-role", "root", "root"],
    ["auth", "enable"],
  ]) {
    const result = await etcdctl(access, step, signal);
    if (result.code !== 0 && !/already exists/.test(result.stderr)) throw labFailed(`etcdctl ${step.join(" ")} failed`, { why: result.stderr.trim().slice(-400) });
  }
}

function etcdctl({ etcd, endpoints, pki }: EtcdAccess, args: readonly string[], signal: AbortSignal) {
  const tls = ["--cacert", join(pki, "ca.pem"), "--cert", join(pki, "root.pem"), "--key", join(pki, "root-key.pem")];
  const argv = [join(etcd.dir, "etcdctl"), "--endpoints", endpoints.join(","), "--command-timeout", "10s", ...tls, ...args];
  return runCommand(argv, { timeoutMs: 20_000, env: { PATH: process.env["PATH"] ?? "", ETCDCTL_API: "3" } }, signal);
}
