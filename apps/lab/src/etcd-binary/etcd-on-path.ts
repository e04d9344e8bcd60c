import { existsSync } from "node:fs";
import { copyFile, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { refuse, succeed } from "@quarterdeck/model";
import { openAside } from "../cache-slot.ts";
import { ETCD_PROGRAMS, type EtcdSource } from "./etcd-source.ts";
import { isNewEnough, readEtcdVersion } from "./etcd-version.ts";

/** etcd as the operator installed it, with etcdctl beside it; copied, so that an upgrade does not reach into running machines. */
export const etcdOnPath: EtcdSource = async ({ home, environment }, signal) => {
  const etcd = findOnPath("etcd", environment["PATH"]);
  if (etcd === null) return refuse("no etcd on PATH");
  const version = await readEtcdVersion(etcd, signal);
  if (version === null) return refuse(`${etcd} does not say its version`);
  if (!isNewEnough(version)) return refuse(`${etcd} is ${version}, older than 3.5`);
  if (!existsSync(join(dirname(etcd), "etcdctl"))) return refuse(`${etcd} has no etcdctl beside it`);
  const dir = join(home.cache, "etcd-on-path");
  if ((await readEtcdVersion(join(dir, "etcd"), signal)) !== version) {
    const aside = await openAside(dir);
    for (const name of ETCD_PROGRAMS)
      if (existsSync(join(dirname(etcd), name))) await copyFile(join(dirname(etcd), name), join(aside, name));
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
  }
  return succeed({ dir, version, origin: `${etcd} on PATH` });
};

/** The first file of that name in a PATH, or null. */
export function findOnPath(name: string, path: string | undefined): string | null {
  for (const folder of (path ?? "").split(delimiter))
    if (folder.startsWith("/") && existsSync(join(folder, name))) return join(folder, name);
  return null;
}
