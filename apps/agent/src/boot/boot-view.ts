/** A member as configs and markers name it. */
export interface MemberPeer {
  /** etcd's `--name`, the same for every machine that is this member in turn. */
  readonly name: string;
  /** Where its peers reach it; a private DNS name, so that it outlives the machine. */
  readonly peerUrl: string;
}

/** The cluster's marker: written once, put only where there is none, outside of every machine. Who is in `initial` bootstraps; nobody else ever does. */
export interface ClusterMarker {
  /** etcd's `--initial-cluster-token`. */
  readonly token: string;
  readonly initial: readonly MemberPeer[];
}

/** A member's marker: written once, before its etcd runs for the first time, by the disk that it was to run on. */
export interface MemberMarker {
  /** As on that disk. */
  readonly attempt: string;
}

/** What a member's disk says of itself. */
export type BootDisk =
  /** A new file system, or one on which no member was ever to run. */
  | { readonly kind: "blank" }
  /** Made ready to bootstrap in `attempt`; etcd has written nothing yet. */
  | { readonly kind: "bootstrapping"; readonly attempt: string }
  /** Made ready to join as the member with this id (hex); etcd has written nothing yet. */
  | { readonly kind: "joining"; readonly memberId: string }
  /** etcd has written to it. The id is known once the member has run. */
  | { readonly kind: "used"; readonly memberId: string | null }
  /** Made ready for another cluster or another member. */
  | { readonly kind: "foreign"; readonly of: string };

/** One row of etcd's own list. */
export interface ListedMember {
  /** Hex, as etcdctl shows it. */
  readonly id: string;
  /** Empty until it has run. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly isLearner: boolean;
}

/** All that is known when a machine with an etcd member boots, read anew before each step. */
export interface BootView {
  readonly self: MemberPeer;
  /** Every member by its config, this one included. */
  readonly members: readonly MemberPeer[];
  /** Made anew for each boot: what this boot would call its attempt and, were it the first of all, its cluster. */
  readonly fresh: { readonly attempt: string; readonly token: string };
  readonly disk: BootDisk;
  /** Whether this machine's etcd process runs. */
  readonly running: boolean;
  readonly clusterMarker: ClusterMarker | null;
  readonly memberMarker: MemberMarker | null;
  /** The list as a majority has it; `null` while no majority answers, however long that lasts. */
  readonly listed: readonly ListedMember[] | null;
  /** The id under which this very boot has added the member; not kept over a crash, so that nobody takes up another disk's entry. */
  readonly added: string | null;
}
