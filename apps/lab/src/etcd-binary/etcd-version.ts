import { runCommand } from "../run-command.ts";

/** Older etcds lack fixes that Quarterdeck relies on. */
const OLDEST = [3, 5] as const;

/** The version that `etcd --version` prints on its first line, or null. */
export function parseEtcdVersion(text: string): string | null {
  return /^etcd Version: v?(\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?)$/m.exec(text)?.[1] ?? null;
}

/** Whether a version is 3.5 or newer. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The version of an etcd program, or null when it does not run or says none. */
export async function readEtcdVersion(program: string, signal: AbortSignal): Promise<string | null> {
  const result = await runCommand([program, "--version"], { timeoutMs: 10_000 }, signal);
  return result.code === 0 ? parseEtcdVersion(result.stdout) : null;
}
