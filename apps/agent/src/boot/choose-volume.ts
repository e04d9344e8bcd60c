import { refuse, succeed, TAG_KEYS, type Result } from "@quarterdeck/model";

/** A disk as EC2 lists it. */
export interface Volume {
  /** `vol-…`. */
  readonly id: string;
  readonly zone: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: "creating" | "available" | "in-use" | "deleting" | "deleted" | "error";
  /** Whose it is now; more than one only where it was made for several machines, which no member's disk is. */
  readonly attachedTo: readonly VolumeHolder[];
}

export interface VolumeHolder {
  /** `i-…`. */
  readonly instance: string;
  readonly state: "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";
}

/** Who asks for a disk, and from where. */
export interface VolumeWish {
  readonly cluster: string;
  /** The member's id, as in its tag: `a`. */
  readonly member: string;
  readonly zone: string;
  readonly instance: string;
}

/** What to do with the member's disk before it can be mounted. */
export type VolumeStep =
  | { readonly kind: "use" | "attach"; readonly volume: string }
  /** From a machine that is off for good or for now. */
  | { readonly kind: "detach"; readonly volume: string; readonly from: string }
  /** Look again; the reason names what is waited for. */
  | { readonly kind: "wait"; readonly volume: string; readonly reason: string };

/**
 * Finds the one disk that is this member's and says how to get it. Cluster, part and member must be in its tags and the zone must be ours; what
 * only looks like it is left alone. A disk is never taken from a machine that runs.
 * Refused with NOT_FOUND when there is none, and with CONFLICT when there are several: which one has the data is for a person to say.
 */
export function chooseVolume(volumes: readonly Volume[], wish: VolumeWish): Result<VolumeStep> {
  const named = volumes.filter((volume) => isOf(volume, wish) && !GONE.has(volume.state));
  const here = named.filter(({ zone }) => zone === wish.zone);
  const [volume, ...more] = here;
  if (volume === undefined) return refuse(notFound(wish, named));
  if (more.length > 0) {
    return refuse({
      code: "CONFLICT",
      message: `${here.length} disks are member ${wish.member}'s of ${wish.cluster} in ${wish.zone}: ${here.map(({ id }) => id).join(", ")}`,
      why: "only one of them has the data, and none is guessed",
      try: `aws ec2 delete-tags --resources VOLUME --tags Key=${TAG_KEYS.member}`,
    });
  }
  return succeed(stepFor(volume, wish));
}

const GONE: ReadonlySet<Volume["state"]> = new Set(["deleting", "deleted", "error"]);

function isOf({ tags }: Volume, { cluster, member }: VolumeWish): boolean {
  return tags[TAG_KEYS.cluster] === cluster && tags[TAG_KEYS.part] === "etcd" && tags[TAG_KEYS.member] === member;
}

function stepFor({ id, state, attachedTo }: Volume, { instance }: VolumeWish): VolumeStep {
  if (state === "creating") return { kind: "wait", volume: id, reason: "the disk is being made" };
  const other = attachedTo.find((holder) => holder.instance !== instance);
  if (other === undefined) return { kind: attachedTo.length === 0 ? "attach" : "use", volume: id };
  switch (other.state) {
    case "stopped":
    case "terminated":
      return { kind: "detach", volume: id, from: other.instance };
    case "shutting-down":
    case "stopping":
      return { kind: "wait", volume: id, reason: `${other.instance} is going down` };
    case "pending":
    case "running":
      return { kind: "wait", volume: id, reason: `${other.instance} runs with it` };
  }
}

function notFound({ cluster, member, zone }: VolumeWish, elsewhere: readonly Volume[]) {
  const [near] = elsewhere;
  return {
    code: "NOT_FOUND" as const,
    message: `there is no disk of member ${member} of ${cluster} in ${zone}`,
    ...(near === undefined
      ? {}
      : { why: `${near.id} is the member's, but in ${near.zone}: no machine of ${zone} can reach it` }),
    try: "pulumi up, which makes the disk that is missing",
  };
}
