import type { BootStep } from "./boot-step.ts";
import type { BootDisk, BootView, ClusterMarker, ListedMember, MemberMarker, MemberPeer } from "./boot-view.ts";
import { planBoot } from "./plan-boot.ts";

type Member = { readonly self: MemberPeer; disk: BootDisk; running: boolean; added: string | null };
type Listed = ListedMember & { readonly of: string };

/**
 * For tests: members, their disks, the markers and an etcd that keeps a list while a majority of its voters has data and runs. Faults are
 * whatever the caller does between steps. It counts what must never happen in `violations`.
 */
export class SimulatedBoot {
  readonly violations: string[] = [];
  readonly steps: string[] = [];
  readonly #members: readonly Member[];
  readonly #memberMarkers = new Map<string, MemberMarker>();
  /** Member ids under which etcd has written to a disk; each belongs to that one disk for ever. */
  readonly #spentIds = new Set<string>();
  #clusterMarker: ClusterMarker | null = null;
  #listed: readonly Listed[] = [];
  #count = 0;

  constructor(names: readonly string[]) {
    this.#members = names.map((name) => ({
      self: { name, peerUrl: `https://${name}:2380` },
      disk: { kind: "blank" },
      running: false,
      added: null,
    }));
  }

  /** The next step of member `place`, and its effect unless the machine dies first. */
  step(place: number, dies: "before" | "after" | "not" = "not"): BootStep {
    const member = this.#at(place);
    const step = planBoot(this.#view(member));
    this.steps.push(`${member.self.name} ${step.kind} ${step.reason}`);
    if (dies !== "before") this.#take(member, step);
    if (dies !== "not") this.crash(place);
    this.#check();
    return step;
  }

  /** The machine loses everything but its disk. */
  crash(place: number): void {
    const member = this.#at(place);
    member.running = false;
    member.added = null;
  }

  loseDisk(place: number): void {
    this.crash(place);
    this.#at(place).disk = { kind: "blank" };
  }

  /** An operator's `member remove`. */
  remove(place: number): void {
    if (!this.hasMajority()) return;
    this.#listed = this.#listed.filter(({ of }) => of !== this.#at(place).self.name);
    this.crash(place);
  }

  /** Whether a majority of the voters runs on the disk on which it voted. */
  hasMajority(): boolean {
    const voters = this.#listed.filter(({ isLearner }) => !isLearner);
    return voters.length > 0 && voters.filter((voter) => this.#runs(voter)).length > voters.length / 2;
  }

  /** Whether all are voters that run, and nobody else is listed. */
  isWhole(): boolean {
    const voting = this.#listed.filter((listed) => !listed.isLearner && this.#runs(listed));
    return voting.length === this.#members.length && this.#listed.length === this.#members.length;
  }

  /** Whether the disk of `place` could go without the majority going too. */
  canSpare(place: number): boolean {
    const voters = this.#listed.filter(({ isLearner }) => !isLearner);
    const left = voters.filter((voter) => voter.of !== this.#at(place).self.name && this.#runs(voter));
    return left.length > voters.length / 2;
  }

  #at(place: number): Member {
    const member = this.#members[place];
    if (member === undefined) throw new RangeError(`no member ${place}`);
    return member;
  }

  #runs({ of, id }: Listed): boolean {
    const member = this.#members.find(({ self }) => self.name === of);
    return member?.running === true && member.disk.kind === "used" && member.disk.memberId === id;
  }

  #view(member: Member): BootView {
    this.#count += 1;
    return {
      self: member.self,
      members: this.#members.map(({ self }) => self),
      fresh: { attempt: `attempt-${this.#count}`, token: `token-${this.#count}` },
      disk: member.disk,
      running: member.running,
      clusterMarker: this.#clusterMarker,
      memberMarker: this.#memberMarkers.get(member.self.name) ?? null,
      listed: this.hasMajority() ? this.#listed : null,
      added: member.added,
    };
  }

  #take(member: Member, step: BootStep): void {
    const { name, peerUrl } = member.self;
    switch (step.kind) {
      case "claim-cluster":
        this.#clusterMarker ??= step.marker;
        return;
      case "claim-member":
        if (!this.#memberMarkers.has(name)) this.#memberMarkers.set(name, step.marker);
        return;
      case "prepare-disk":
        member.disk = step.disk;
        return;
      case "set-data-aside":
        member.disk = { kind: "blank" };
        return;
      case "remove-member":
        if (this.hasMajority()) this.#listed = this.#listed.filter(({ id }) => id !== step.id);
        return;
      case "add-learner":
        if (!this.hasMajority()) return;
        this.#count += 1;
        member.added = `joined-${this.#count}`;
        this.#listed = [
          ...this.#listed,
          { id: member.added, of: name, name: "", peerUrls: [peerUrl], isLearner: true },
        ];
        return;
      case "promote":
        this.#listed = this.#listed.map((listed) => (listed.id === step.id ? { ...listed, isLearner: false } : listed));
        return;
      case "start":
        this.#start(member, step.start.state);
        return;
      case "wait":
      case "refuse":
      case "done":
        return;
    }
  }

  #start(member: Member, state: "new" | "existing"): void {
    const { name } = member.self;
    const { disk } = member;
    if (disk.kind === "used") {
      // etcd ends by itself when its id was removed.
      const isListed = this.#listed.some(({ id }) => id === disk.memberId);
      member.running = isListed || !this.hasMajority();
      return;
    }
    const id = state === "new" ? `first-${name}` : (this.#listed.find(({ of }) => of === name)?.id ?? "nobody");
    if (this.#spentIds.has(id)) this.violations.push(`${id} runs on a second disk`);
    this.#spentIds.add(id);
    if (state === "new") this.#bootstrap();
    member.disk = { kind: "used", memberId: id };
    member.running = true;
    this.#listed = this.#listed.map((listed) => (listed.id === id ? { ...listed, name } : listed));
  }

  /** The first that bootstraps makes the list, in which the others are still without a name. */
  #bootstrap(): void {
    if (this.#listed.length > 0) return;
    this.#listed = (this.#clusterMarker?.initial ?? []).map(({ name, peerUrl }) => ({
      id: `first-${name}`,
      of: name,
      name: "",
      peerUrls: [peerUrl],
      isLearner: false,
    }));
  }

  #check(): void {
    const names = this.#listed.map(({ of }) => of);
    if (new Set(names).size < names.length) this.violations.push(`listed twice: ${names.join(" ")}`);
    if (this.#listed.filter(({ isLearner }) => isLearner).length > 1) this.violations.push("two learners");
  }
}
