import type { BootStep, EtcdStart } from "./boot-step.ts";
import type { BootView, ListedMember } from "./boot-view.ts";

/**
 * The next step of a machine that is to run an etcd member. Take it, look anew, ask again, until `done` or `refuse`; every step may be cut short
 * anywhere, and what follows is decided from what is there then.
 *
 * It holds that
 * - a member bootstraps at most once, and only one of the cluster's first members: its marker, written before, decides, and no time;
 * - a disk with data is started as it is, whether others answer or not, so that a cluster that was off as a whole comes back;
 * - a lost disk's member never comes back under its old id: it is removed, and joins as a learner under another;
 * - no member is added while one with its name or its address is listed.
 * @see docs/decisions/009-markers-decide-who-bootstraps.md
 */
export function planBoot(view: BootView): BootStep {
  if (view.running) return planRunning(view);
  switch (view.disk.kind) {
    case "foreign":
      return { kind: "refuse", detail: view.disk.of, reason: "FOREIGN_DISK" };
    case "used":
      return planUsed(view, view.disk.memberId);
    case "joining":
      return planJoining(view, view.disk.memberId);
    case "bootstrapping":
      return planBootstrapping(view, view.disk.attempt);
    case "blank":
      return planBlank(view);
  }
}

function planRunning({ listed, self }: BootView): BootStep {
  if (listed === null) return { kind: "wait", reason: "WAITS_FOR_LIST" };
  const me = listed.find((member) => isOf(member, self));
  if (me === undefined) return { kind: "wait", reason: "WAITS_FOR_LIST" };
  return me.isLearner ? { kind: "promote", id: me.id, reason: "CAUGHT_UP" } : { kind: "done", reason: "VOTES" };
}

function planUsed(view: BootView, memberId: string | null): BootStep {
  const { listed, self } = view;
  const isMine = (member: ListedMember) => (memberId === null ? isOf(member, self) : member.id === memberId);
  if (listed !== null && !listed.some(isMine)) return { kind: "set-data-aside", reason: "WAS_REMOVED" };
  return { kind: "start", start: startAsListed(view), reason: "SAME_DISK" };
}

function planJoining(view: BootView, memberId: string): BootStep {
  const { listed } = view;
  if (listed === null) return { kind: "wait", reason: "NO_MAJORITY" };
  if (!listed.some(({ id }) => id === memberId)) return planRejoin(view, "DISK_LOST");
  return { kind: "start", start: startAsListed(view), reason: "NEVER_RAN" };
}

function planBootstrapping(view: BootView, attempt: string): BootStep {
  const { clusterMarker, memberMarker } = view;
  if (clusterMarker === null || !mayBootstrap(view)) return planRejoin(view, "DISK_LOST");
  if (memberMarker === null) return { kind: "claim-member", marker: { attempt }, reason: "FIRST_TIME" };
  if (memberMarker.attempt !== attempt) return planRejoin(view, "DISK_LOST");
  const { token, initial } = clusterMarker;
  return { kind: "start", start: { state: "new", token, initialCluster: initial }, reason: "NEVER_RAN" };
}

function planBlank(view: BootView): BootStep {
  const { clusterMarker, memberMarker, members, fresh, self } = view;
  if (clusterMarker === null) {
    const marker = { token: fresh.token, initial: members };
    return { kind: "claim-cluster", marker, reason: "FIRST_OF_ALL" };
  }
  if (memberMarker !== null) return planRejoin(view, "DISK_LOST");
  if (!clusterMarker.initial.some(({ name }) => name === self.name)) return planRejoin(view, "LATER_MEMBER");
  if (!mayBootstrap(view)) return planRejoin(view, "DISK_LOST");
  const disk = { kind: "bootstrapping", attempt: fresh.attempt } as const;
  return { kind: "prepare-disk", disk, reason: "FIRST_TIME" };
}

/** Where the others are there already they must still be waiting for this one: listed, and never seen running. */
function mayBootstrap({ listed, self }: BootView): boolean {
  return listed === null || listed.some((member) => isOf(member, self) && member.name === "" && !member.isLearner);
}

/** Through the others: out of the list, in again as a learner under another id, and only then onto the disk. */
function planRejoin(view: BootView, reason: "DISK_LOST" | "LATER_MEMBER"): BootStep {
  const { listed, self, added } = view;
  if (listed === null) return { kind: "wait", reason: "NO_MAJORITY" };
  const mine = listed.filter((member) => isOf(member, self));
  // An entry that another boot has added may have run already, on a disk that is gone: its id is spent.
  const stale = mine.find(({ id }) => id !== added);
  if (stale !== undefined) return { kind: "remove-member", id: stale.id, reason };
  const [own] = mine;
  if (own !== undefined) return { kind: "prepare-disk", disk: { kind: "joining", memberId: own.id }, reason };
  if (listed.some(({ isLearner }) => isLearner)) return { kind: "wait", reason: "OTHER_LEARNER" };
  return { kind: "add-learner", peerUrl: self.peerUrl, reason };
}

const isOf = (member: ListedMember, { name, peerUrl }: BootView["self"]): boolean =>
  member.name === name || member.peerUrls.includes(peerUrl);

/** etcd holds its initial cluster against the list of those that are there: the same addresses, no more and no fewer. */
function startAsListed({ listed, members, self }: BootView): EtcdStart {
  if (listed === null) return { state: "existing", token: null, initialCluster: members };
  const initialCluster = listed.flatMap((member) =>
    member.peerUrls.map((peerUrl) => ({ name: nameOf(member, peerUrl), peerUrl })),
  );
  return { state: "existing", token: null, initialCluster };

  function nameOf(member: ListedMember, peerUrl: string): string {
    if (isOf(member, self)) return self.name;
    return members.find((each) => each.peerUrl === peerUrl)?.name ?? (member.name === "" ? member.id : member.name);
  }
}
