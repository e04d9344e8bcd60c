import { CodedError } from "@quarterdeck/model";

/** One etcd member, which outlives its machines: a replaced machine takes up the same name, disk and address. */
export interface MemberPlace {
  /** `a` to `g`: the member's id, in its names and tags, for as long as the cluster lives. */
  readonly id: string;
  /** Where its disk is and its machines are made. */
  readonly zone: string;
}

/** More zones than three make no majority safer, and a member that a new zone moved would lose its disk. */
const MEMBER_ZONES = 3;

/**
 * Spreads the members over the first three of the zones, in turn. Neither a zone that is added behind the third nor a member that is added
 * moves another one.
 * @throws {CodedError} INTERNAL without a zone, or for more than seven members.
 */
export function placeMembers(size: number, zones: readonly string[]): readonly MemberPlace[] {
  const places = zones.slice(0, MEMBER_ZONES);
  if (places.length === 0 || size > MEMBER_IDS.length)
    throw new CodedError("INTERNAL", {
      message: `${size} members over ${places.length} zones were not refused before`,
    });
  return MEMBER_IDS.slice(0, size).map((id, index) => ({ id, zone: places[index % places.length] ?? "" }));
}

const MEMBER_IDS = ["a", "b", "c", "d", "e", "f", "g"] as const;
