import type { Revision } from "../keyspace/key.ts";
import type { MemberHealth } from "./member-health.ts";

/** The cluster's revision at a time in milliseconds since the epoch: from these is known how old a revision is, which etcd does not tell. */
export type RevisionMark = { readonly revision: Revision; readonly at: number };

export type MaintenanceView = {
  readonly now: number;
  readonly revision: Revision;
  /** Up to where history is compacted, as far as is known; 0 when nothing is. */
  readonly compacted: Revision;
  readonly members: readonly MemberHealth[];
  /** Which of them can be told to defragment: their endpoints are ours. */
  readonly endpoints: ReadonlySet<string>;
  /** Oldest first. */
  readonly marks: readonly RevisionMark[];
  /** Endpoints that were defragmented since this pass began: each is done once. */
  readonly defragmented: ReadonlySet<string>;
};

export type MaintenanceRules = {
  /** History of that age and younger is kept, so that a follower that was away for less goes on without a reset. */
  readonly keepMs: number;
  /** A member is defragmented when that much of its file holds nothing; it serves nobody meanwhile. */
  readonly wasteBytes: number;
};

export type MaintenanceStep =
  | { readonly kind: "compact"; readonly revision: Revision; readonly reason: string }
  | { readonly kind: "defragment"; readonly endpoint: string; readonly reason: string }
  | { readonly kind: "disarm"; readonly alarm: "NOSPACE"; readonly reason: string };

/** `step` is the next one; null with a reason when there is one to do that must not be done, without when all is well. */
export type MaintenancePlan = { readonly step: MaintenanceStep | null; readonly refused: string | null };

/** An alarm is taken back below that part of the quota: nearer to it, it would come back at once. */
const ROOM = 0.9;
/** etcd's own default. */
const DEFAULT_QUOTA_BYTES = 2 * 1024 ** 3;

/**
 * The next thing to do for etcd's database: make history short, give back what that freed member by member, take an alarm back. To be asked
 * again after each step, with what is so then; so no member is defragmented unless all are well at that moment, and the leader is last.
 */
export function planMaintenance(view: MaintenanceView, rules: MaintenanceRules): MaintenancePlan {
  if (view.members.some(({ alarms }) => alarms.includes("CORRUPT")))
    return refuse("members hold different data (alarm CORRUPT): history and files stay as they are");
  const full = view.members.some(({ alarms }) => alarms.includes("NOSPACE"));
  const compaction = planCompaction(view, rules, full);
  if (compaction !== null) return { step: compaction, refused: null };
  const wasteful = view.members
    .filter(({ endpoint }) => !view.defragmented.has(endpoint))
    .filter((member) => full || wasteOf(member) >= rules.wasteBytes)
    .toSorted((a, b) => Number(a.leader === true) - Number(b.leader === true));
  const [next] = wasteful;
  if (next !== undefined) return planDefragmentation(view, next, full);
  return full ? planDisarm(view) : { step: null, refused: null };
}

function planCompaction(view: MaintenanceView, rules: MaintenanceRules, full: boolean): MaintenanceStep | null {
  if (full)
    return view.revision > view.compacted
      ? { kind: "compact", revision: view.revision, reason: "the database is full: all history goes" }
      : null;
  const mark = view.marks.findLast(({ at }) => at <= view.now - rules.keepMs);
  if (mark === undefined || mark.revision <= view.compacted) return null;
  return { kind: "compact", revision: mark.revision, reason: `older than ${rules.keepMs / 60_000} min` };
}

function planDefragmentation(view: MaintenanceView, next: MemberHealth, full: boolean): MaintenancePlan {
  const unwell = view.members.find((member) => !isServing(member));
  if (unwell !== undefined)
    return refuse(`no member is defragmented while another is unwell: ${unwell.problem?.message ?? unwell.endpoint}`);
  if (!view.endpoints.has(next.endpoint))
    return refuse(`${next.name ?? next.endpoint} cannot be told to defragment: its endpoint was not given`);
  const waste = `${(wasteOf(next) / 1024 ** 2).toFixed(1)} MiB hold nothing`;
  return {
    step: { kind: "defragment", endpoint: next.endpoint, reason: full ? `the database is full; ${waste}` : waste },
    refused: null,
  };
}

function planDisarm({ members }: MaintenanceView): MaintenancePlan {
  const still = members.find(
    ({ databaseBytes, quotaBytes }) => (databaseBytes ?? Infinity) > ROOM * (quotaBytes ?? DEFAULT_QUOTA_BYTES),
  );
  if (still === undefined)
    return { step: { kind: "disarm", alarm: "NOSPACE", reason: "there is space again" }, refused: null };
  return refuse(`${still.name ?? still.endpoint} is still full: delete keys, or raise --quota-backend-bytes`);
}

/** With a leader and an answer: NOSPACE does not keep a member from being defragmented, it asks for it. */
const isServing = ({ healthy, hasLeader, alarms }: MemberHealth): boolean =>
  healthy || (hasLeader === true && alarms.length === 1 && alarms[0] === "NOSPACE");

const wasteOf = ({ databaseBytes, inUseBytes }: MemberHealth): number =>
  databaseBytes === null || inUseBytes === null ? 0 : databaseBytes - inUseBytes;

const refuse = (refused: string): MaintenancePlan => ({ step: null, refused });
