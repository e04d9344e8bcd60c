import type { Result } from "@quarterdeck/model";
import type { LabHome } from "../home.ts";
import type { Progress } from "../progress.ts";

/** A directory with `etcd`, `etcdctl` and (but for old ones) `etcdutl`, to be bound into machines at /opt/etcd. */
export type EtcdBinary = {
  readonly dir: string;
  readonly version: string;
  /** Said to people: where it came from. */ readonly origin: string;
};

export type EtcdSearch = {
  readonly home: LabHome;
  readonly progress: Progress;
  readonly environment: NodeJS.ProcessEnv;
};

/** One place etcd may come from; a refusal says in a few words why it does not come from there. */
export type EtcdSource = (search: EtcdSearch, signal: AbortSignal) => Promise<Result<EtcdBinary, string>>;

export const ETCD_PROGRAMS = ["etcd", "etcdctl", "etcdutl"] as const;
