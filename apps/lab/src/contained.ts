import { spawnSync } from "node:child_process";

const NAMESPACES = ["unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Tried once: a root that may not is as common, in containers, as one that may. */
let allowed: boolean | null = null;

/**
 * The argument vector that runs a command with mounts and processes of its own, which all end with it, and with this process, however
 * that ends: a build that is killed half way leaves no mount and no orphan. Where this process may not do that, it is the command itself.
 */
export function contained(argv: readonly string[]): readonly string[] {
  allowed ??= spawnSync("setpriv", [...NAMESPACES, "--", "true"], { timeout: 10_000 }).status === 0;
  return allowed ? ["setpriv", "--pdeathsig", "KILL", ...NAMESPACES, "--", ...argv] : argv;
}
