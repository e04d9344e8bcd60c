import type { ClusterMarker, MemberMarker, MemberPeer } from "./boot-view.ts";

/** Why a step is taken. */
export const BOOT_REASONS = {
  FIRST_OF_ALL: "no member of this cluster has ever been started",
  FIRST_TIME: "this member belongs to the first ones and has never been started",
  SAME_DISK: "the disk has this member's data",
  NEVER_RAN: "the disk was made ready, and etcd has not written to it",
  DISK_LOST: "this member has been started before, on a disk that is not here any more",
  LATER_MEMBER: "the cluster is there already, and this member is new to it",
  WAS_REMOVED: "the cluster has removed the member whose data is on the disk",
  NO_MAJORITY: "this member can come back only through the others, and no majority of them answers",
  OTHER_LEARNER: "another member is joining, and etcd takes one at a time",
  CAUGHT_UP: "the member joined as a learner and is to vote",
  WAITS_FOR_LIST: "the member runs, and no majority answers yet",
  FOREIGN_DISK: "the disk belongs to another member or another cluster",
  VOTES: "the member runs and votes",
} as const;
export type BootReason = keyof typeof BOOT_REASONS;

type Act =
  /** Put the cluster's marker where there is none; who comes second reads the first one's. */
  | { readonly kind: "claim-cluster"; readonly marker: ClusterMarker }
  /** Write to the disk, durably, that it is made ready to bootstrap or to join. */
  | { readonly kind: "prepare-disk"; readonly disk: DiskNote }
  /** Put the member's marker where there is none. */
  | { readonly kind: "claim-member"; readonly marker: MemberMarker }
  | { readonly kind: "start"; readonly start: EtcdStart }
  /** Take from the list what stands under this member's name or address. */
  | { readonly kind: "remove-member"; readonly id: string }
  | { readonly kind: "add-learner"; readonly peerUrl: string }
  /** etcd refuses as long as the learner is behind; then try again. */
  | { readonly kind: "promote"; readonly id: string }
  /** Rename the data so that the disk is blank; nothing is deleted. */
  | { readonly kind: "set-data-aside" }
  /** Look again later; nothing is decided by how long that takes. */
  | { readonly kind: "wait" }
  /** Only a person can mend it. */
  | { readonly kind: "refuse"; readonly detail: string }
  | { readonly kind: "done" };

export type DiskNote =
  | { readonly kind: "bootstrapping"; readonly attempt: string }
  | { readonly kind: "joining"; readonly memberId: string };

/** The flags of etcd that depend on how it comes to be; without a meaning where there is data. */
export interface EtcdStart {
  readonly state: "new" | "existing";
  /** `null` where the cluster is there and has its own. */
  readonly token: string | null;
  readonly initialCluster: readonly MemberPeer[];
}

/** The next thing to do, and why. */
export type BootStep = Act & { readonly reason: BootReason };
