import type { Endpoint } from "../connection/endpoint.ts";
import { isServiceError } from "../connection/grpc-errors.ts";

const STATUS_MS = 2_000;

/**
 * Whether this member's progress notifications come after all changes that they cover: since 3.4.25 and 3.5.8 (etcd#15220). False when that cannot
 * be found out.
 */
export async function isOrdered(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  try {
    const { version } = await endpoint.call("status", {}, STATUS_MS, signal);
    return isOrderedVersion(version);
  } catch (error) {
    if (signal.aborted || isServiceError(error)) return false;
    throw error;
  }
}

/** @see https://github.com/etcd-io/etcd/issues/15220 */
export function isOrderedVersion(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  if (major !== 3) return major > 3;
  if (minor <= 3) return false;
  return minor >= 6 || (minor === 5 ? patch >= 8 : patch >= 25);
}
