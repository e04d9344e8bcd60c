import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, succeed } from "@quarterdeck/model";
import type { EtcdSource } from "./etcd-source.ts";
import { isNewEnough, readEtcdVersion } from "./etcd-version.ts";

/** Where the release download and the Go build leave what they made. */
export const CACHED_ETCD = "etcd";

/** etcd as an earlier start left it in the cache. */
export const etcdInCache: EtcdSource = async ({ home }, signal) => {
  const dir = join(home.cache, CACHED_ETCD);
  const version = await readEtcdVersion(join(dir, "etcd"), signal);
  if (version === null) return refuse("none in the cache");
  if (!isNewEnough(version)) return refuse(`the cache holds ${version}, older than 3.5`);
  const origin = await readFile(join(dir, "origin"), "utf8").catch(() => "unknown origin");
  return succeed({ dir, version, origin: `the cache (${origin.trim()})` });
};
