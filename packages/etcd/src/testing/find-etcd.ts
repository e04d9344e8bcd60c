import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where to find `etcd` and `etcdctl`; null when this computer has none. Order: QUARTERDECK_ETCD_DIR, Quarterdeck's cache, PATH. */
export function findEtcd(): string | null {
  const home = process.env["QUARTERDECK_HOME"] ?? join(homedir(), ".local/share/quarterdeck");
  const given = process.env["QUARTERDECK_ETCD_DIR"];
  const directories = [
    ...(given === undefined ? [] : [given]),
    join(home, "cache/etcd"),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return (
    directories.find((directory) => existsSync(join(directory, "etcd")) && existsSync(join(directory, "etcdctl"))) ??
    null
  );
}

/** What a test says when it is skipped. */
export const HOW_TO_GET_ETCD = "needs etcd and etcdctl: run `npm start` once, or set QUARTERDECK_ETCD_DIR";
