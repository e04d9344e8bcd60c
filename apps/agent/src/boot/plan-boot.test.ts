import { describe, expect, test } from "vitest";
import { BOOT_REASONS } from "./boot-step.ts";
import type { BootView, ListedMember } from "./boot-view.ts";
import { planBoot } from "./plan-boot.ts";

const [a, b, c] = ["etcd-a", "etcd-b", "etcd-c"].map((name) => ({ name, peerUrl: `https://${name}.x.internal:2380` }));
const members = [a, b, c].flatMap((member) => (member === undefined ? [] : [member]));
const self = { name: "etcd-a", peerUrl: "https://etcd-a.x.internal:2380" };
const clusterMarker = { token: "t1", initial: members };
const listed = (id: string, name: string, peer: string, isLearner = false): ListedMember => ({
  id,
  name,
  peerUrls: [`https://${peer}.x.internal:2380`],
  isLearner,
});
const others = [listed("b1", "etcd-b", "etcd-b"), listed("c1", "etcd-c", "etcd-c")];
const me = listed("a1", "etcd-a", "etcd-a");

const first: BootView = {
  self,
  members,
  fresh: { attempt: "try2", token: "t2" },
  disk: { kind: "blank" },
  running: false,
  clusterMarker: null,
  memberMarker: null,
  listed: null,
  added: null,
};
const marked: BootView = { ...first, clusterMarker };
const lost: BootView = { ...marked, memberMarker: { attempt: "try1" } };
const used: BootView = { ...lost, disk: { kind: "used", memberId: "a1" } };

describe("the next step of a booting member", () => {
  test.each<[string, BootView, object]>([
    [
      "claims the cluster when nobody ever has",
      first,
      { kind: "claim-cluster", marker: { token: "t2", initial: members }, reason: "FIRST_OF_ALL" },
    ],
    [
      "makes its disk ready before it claims anything for itself",
      marked,
      { kind: "prepare-disk", disk: { kind: "bootstrapping", attempt: "try2" }, reason: "FIRST_TIME" },
    ],
    [
      "claims its one start by what the disk says, not by this boot",
      { ...marked, disk: { kind: "bootstrapping", attempt: "try1" } },
      { kind: "claim-member", marker: { attempt: "try1" }, reason: "FIRST_TIME" },
    ],
    [
      "bootstraps with the members that the marker names",
      { ...lost, members: [self], disk: { kind: "bootstrapping", attempt: "try1" } },
      { kind: "start", start: { state: "new", token: "t1", initialCluster: members }, reason: "NEVER_RAN" },
    ],
    [
      "does not bootstrap on a disk whose attempt another disk has overtaken",
      { ...lost, disk: { kind: "bootstrapping", attempt: "try0" } },
      { kind: "wait", reason: "NO_MAJORITY" },
    ],
    [
      "waits with a blank disk for a majority, for as long as it takes, once it has ever been started",
      lost,
      { kind: "wait", reason: "NO_MAJORITY" },
    ],
    [
      "removes the member whose disk is lost",
      { ...lost, listed: [me, ...others] },
      { kind: "remove-member", id: "a1", reason: "DISK_LOST" },
    ],
    [
      "removes it by its address too, under whatever name",
      { ...lost, listed: [listed("a1", "old", "etcd-a"), ...others] },
      { kind: "remove-member", id: "a1", reason: "DISK_LOST" },
    ],
    [
      "then joins as a learner",
      { ...lost, listed: others },
      { kind: "add-learner", peerUrl: self.peerUrl, reason: "DISK_LOST" },
    ],
    [
      "but not while another one is learning",
      { ...lost, listed: [listed("b1", "etcd-b", "etcd-b", true), ...others.slice(1)] },
      { kind: "wait", reason: "OTHER_LEARNER" },
    ],
    [
      "notes the id that it has added itself",
      { ...lost, added: "a2", listed: [...others, listed("a2", "", "etcd-a", true)] },
      { kind: "prepare-disk", disk: { kind: "joining", memberId: "a2" }, reason: "DISK_LOST" },
    ],
    [
      "takes no entry that another boot has added",
      { ...lost, listed: [...others, listed("a2", "", "etcd-a", true)] },
      { kind: "remove-member", id: "a2", reason: "DISK_LOST" },
    ],
    [
      "starts what it has noted, with everybody that is listed",
      { ...lost, disk: { kind: "joining", memberId: "a2" }, listed: [...others, listed("a2", "", "etcd-a", true)] },
      {
        kind: "start",
        start: { state: "existing", token: null, initialCluster: [members[1], members[2], self] },
        reason: "NEVER_RAN",
      },
    ],
    [
      "adds itself anew when what it has noted is not listed any more",
      { ...lost, disk: { kind: "joining", memberId: "a2" }, listed: others },
      { kind: "add-learner", peerUrl: self.peerUrl, reason: "DISK_LOST" },
    ],
    [
      "starts from its data although nobody answers",
      used,
      { kind: "start", start: { state: "existing", token: null, initialCluster: members }, reason: "SAME_DISK" },
    ],
    [
      "starts from its data although no marker is to be found",
      { ...used, clusterMarker: null, memberMarker: null },
      { kind: "start", start: { state: "existing", token: null, initialCluster: members }, reason: "SAME_DISK" },
    ],
    [
      "sets its data aside when its id was removed, also where it is listed under another one",
      { ...used, listed: [listed("a2", "", "etcd-a", true), ...others] },
      { kind: "set-data-aside", reason: "WAS_REMOVED" },
    ],
    [
      "sets data aside whose id was never noted, where nobody of its name is listed",
      { ...used, disk: { kind: "used", memberId: null }, listed: others },
      { kind: "set-data-aside", reason: "WAS_REMOVED" },
    ],
    [
      "of a member that is new to a running cluster joins it, and never bootstraps",
      { ...marked, clusterMarker: { token: "t1", initial: members.slice(1) }, listed: others },
      { kind: "add-learner", peerUrl: self.peerUrl, reason: "LATER_MEMBER" },
    ],
    [
      "of a member that is new to a cluster waits for it, and never bootstraps",
      { ...marked, clusterMarker: { token: "t1", initial: members.slice(1) } },
      { kind: "wait", reason: "NO_MAJORITY" },
    ],
    [
      "bootstraps beside others that have begun, as long as they still wait for it",
      { ...marked, listed: [listed("a1", "", "etcd-a"), ...others] },
      { kind: "prepare-disk", disk: { kind: "bootstrapping", attempt: "try2" }, reason: "FIRST_TIME" },
    ],
    [
      "joins anew where the others have seen it run although its marker is gone",
      { ...marked, listed: [me, ...others] },
      { kind: "remove-member", id: "a1", reason: "DISK_LOST" },
    ],
    [
      "touches no disk of another member",
      { ...lost, disk: { kind: "foreign", of: "etcd-b of prod" } },
      { kind: "refuse", detail: "etcd-b of prod", reason: "FOREIGN_DISK" },
    ],
    [
      "lets a learner vote",
      { ...used, running: true, listed: [...others, listed("a2", "etcd-a", "etcd-a", true)] },
      { kind: "promote", id: "a2", reason: "CAUGHT_UP" },
    ],
    ["is none when it votes", { ...used, running: true, listed: [me, ...others] }, { kind: "done", reason: "VOTES" }],
    ["waits for the list when it runs", { ...used, running: true }, { kind: "wait", reason: "WAITS_FOR_LIST" }],
  ])("%s", (_what, view, step) => {
    expect(planBoot(view)).toEqual(step);
  });

  test("has a text for every reason", () => {
    for (const text of Object.values(BOOT_REASONS)) expect(text).toMatch(/^[a-z].{10,}[^.]$/);
  });
});
