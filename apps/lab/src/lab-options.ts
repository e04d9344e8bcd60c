import type { LabHome } from "./home.ts";
import type { ClusterPlan } from "./machine-config.ts";
import type { Progress } from "./progress.ts";

/** How one lab differs from another. */
export type LabOptions = {
  readonly home: LabHome;
  /** At least so many machines; those that exist already all boot. */
  readonly machines: number;
  /** Of the sandbox, on 127.0.0.1 and on the bridge; null: no sandbox. */
  readonly port: number | null;
  /** Whether machines reach the outside, by NAT. */
  readonly egress: boolean;
  /** Tokens of a real workspace; null: the sandbox stands in. */
  readonly slack: ClusterPlan["slack"] | null;
  /** `etcd`: machines with etcd alone, without the binary; `all`: everything. */
  readonly runs: "etcd" | "all";
  readonly progress: Progress;
};
