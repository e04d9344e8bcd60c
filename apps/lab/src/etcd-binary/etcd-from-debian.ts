import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { problemOf, refuse, succeed } from "@quarterdeck/model";
import { fillCacheSlot } from "../cache-slot.ts";
import { unpackDebianPackages } from "../debian-tools.ts";
import type { EtcdSource } from "./etcd-source.ts";
import { readEtcdVersion } from "./etcd-version.ts";

/** Fetches packages and unpacks them into a directory; throws when it cannot. */
export type Unpack = (packages: readonly string[], dir: string, signal: AbortSignal) => Promise<void>;

/** Where Debian's packages leave theirs: apart from the cache of better ones. */
export const DEBIAN_ETCD = "etcd-debian";

/** Puts Debian's `etcd` and `etcdctl` (3.4) into `dir`, once. @throws when apt or dpkg-deb cannot */
export function unpackDebianEtcd(dir: string, unpack: Unpack, signal: AbortSignal): Promise<void> {
  return fillCacheSlot(dir, async (aside) => {
    await unpack(["etcd-server", "etcd-client"], join(aside, "unpacked"), signal);
    for (const name of ["etcd", "etcdctl"]) await rename(join(aside, "unpacked/usr/bin", name), join(aside, name));
    await rm(join(aside, "unpacked"), { recursive: true });
  });
}

/** Debian's own etcd, which is 3.4: the last resort, said loudly each time it is used. */
export const etcdFromDebian =
  (unpack: Unpack = unpackDebianPackages): EtcdSource =>
  async ({ home, progress }, signal) => {
    const dir = join(home.cache, DEBIAN_ETCD);
    try {
      await unpackDebianEtcd(dir, unpack, signal);
    } catch (error) {
      signal.throwIfAborted();
      return refuse(problemOf(error).message);
    }
    const version = await readEtcdVersion(join(dir, "etcd"), signal);
    if (version === null) return refuse("Debian's etcd does not run");
    progress.say("******************************************************************************************");
    progress.say(`WARNING: etcd ${version} from Debian is in use. It is out of support and has known security holes.`);
    progress.say("         For this computer only. Install Go >= 1.25 or etcd >= 3.5 and start once more.");
    progress.say("******************************************************************************************");
    return succeed({ dir, version, origin: "Debian's package, out of support" });
  };
