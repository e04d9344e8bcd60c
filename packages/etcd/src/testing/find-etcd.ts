import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** An etcd of this computer: `directory` holds `etcd` and `etcdctl`. */
export type FoundEtcd = { readonly version: string; readonly directory: string };

/** Where to find `etcd` and `etcdctl`; null when this computer has none. Order: QUARTERDECK_ETCD_DIR, Quarterdeck's cache, PATH. */
export function findEtcd(): string | null {
  const given = process.env["QUARTERDECK_ETCD_DIR"];
  const directories = [
    ...(given === undefined ? [] : [given]),
    inCache("etcd"),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return directories.find(hasEtcd) ?? null;
}

/** What a test says when it is skipped. */
export const HOW_TO_GET_ETCD = "needs etcd and etcdctl: run `npm start` once, or set QUARTERDECK_ETCD_DIR";

/** What the tests of the old etcd say when they are skipped. */
export const HOW_TO_GET_OLD_ETCD =
  "needs Debian's etcd 3.4 in $QUARTERDECK_HOME/cache/etcd-debian: npm test on Debian fetches it (apt-get download etcd-server etcd-client)";

/** The etcd that is in use, and Debian's 3.4 where `npm test` could get it; runs each to ask for its version. */
export function findEtcds(): readonly FoundEtcd[] {
  const found: FoundEtcd[] = [];
  for (const directory of [findEtcd(), inCache("etcd-debian")]) {
    const version = directory === null || !hasEtcd(directory) ? null : versionOf(directory);
    if (directory !== null && version !== null && found.every((other) => other.version !== version))
      found.push({ version, directory });
  }
  return found;
}

/** Debian's 3.4, or null. */
export function findOldEtcd(): FoundEtcd | null {
  return findEtcds().find(({ version }) => version.startsWith("3.4.")) ?? null;
}

function inCache(name: string): string {
  return join(process.env["QUARTERDECK_HOME"] ?? join(homedir(), ".local/share/quarterdeck"), "cache", name);
}

function hasEtcd(directory: string): boolean {
  return existsSync(join(directory, "etcd")) && existsSync(join(directory, "etcdctl"));
}

function versionOf(directory: string): string | null {
  const { stdout } = spawnSync(join(directory, "etcd"), ["--version"], { encoding: "utf8", timeout: 10_000 });
  return /^etcd Version: (\S+)$/m.exec(stdout)?.[1] ?? null;
}
