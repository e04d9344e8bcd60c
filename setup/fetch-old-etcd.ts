import { join } from "node:path";
import { unpackDebianPackages } from "../apps/lab/src/debian-tools.ts";
import { DEBIAN_ETCD, unpackDebianEtcd } from "../apps/lab/src/etcd-binary/etcd-from-debian.ts";
import { homeFromEnvironment } from "../apps/lab/src/home.ts";

/**
 * Debian's etcd 3.4, for the tests alone: the client's contract is held to it beside the etcd that is in use. It is unpacked into the cache and
 * never installed. Without it those tests skip themselves and say how to get it.
 */
export async function fetchOldEtcd(signal: AbortSignal): Promise<void> {
  const dir = join(homeFromEnvironment(process.env).cache, DEBIAN_ETCD);
  try {
    await unpackDebianEtcd(dir, unpackDebianPackages, signal);
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    process.stdout.write(`no etcd 3.4 from Debian, so the contract is not tried on it: ${why}\n`);
  }
}
