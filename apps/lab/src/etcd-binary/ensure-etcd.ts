import { labFailed } from "../lab-failed.ts";
import { etcdFromDebian } from "./etcd-from-debian.ts";
import { etcdFromGo } from "./etcd-from-go.ts";
import { etcdInCache } from "./etcd-in-cache.ts";
import { etcdOnPath } from "./etcd-on-path.ts";
import { etcdRelease } from "./etcd-release.ts";
import type { EtcdBinary, EtcdSearch, EtcdSource } from "./etcd-source.ts";

/** In the order they are asked: what the operator chose, what is here already, then from the best to the worst. */
export const ETCD_SOURCES: readonly EtcdSource[] = [
  etcdOnPath,
  etcdInCache,
  etcdRelease(),
  etcdFromGo(),
  etcdFromDebian(),
];

/** The first etcd that a source has; prints which. @throws {CodedError} LAB_FAILED with every source's reason */
export async function ensureEtcd(
  search: EtcdSearch,
  sources: readonly EtcdSource[],
  signal: AbortSignal,
): Promise<EtcdBinary> {
  const reasons: string[] = [];
  for (const source of sources) {
    const found = await source(search, signal);
    if (found.ok) {
      search.progress.say(`etcd ${found.value.version} from ${found.value.origin}`);
      return found.value;
    }
    reasons.push(found.error);
  }
  throw labFailed("no etcd could be had", { why: reasons.join("; "), try: "put etcd and etcdctl >= 3.5 on PATH" });
}
