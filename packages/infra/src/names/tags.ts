/** Tags by which policies, machines and bills tell a cluster's things from all others; policies compare them, so they never change. */
export const TAG_KEYS = {
  cluster: "quarterdeck:cluster",
  /** The part of the cluster: `etcd`, `worker`, `network`, … */
  part: "quarterdeck:part",
  /** The member's id, on its disk, network interface and machines alone. */
  member: "quarterdeck:member",
} as const;

/** What is tagged. */
export interface Tagged {
  readonly cluster: string;
  readonly part: string;
  readonly member?: string;
  /** What the console shows: the rest of the name behind the cluster's. */
  readonly name: string;
}

/** The tags of one resource, `Name` first. */
export function renderTags({ cluster, part, member, name }: Tagged): Readonly<Record<string, string>> {
  return {
    Name: `${cluster}-${name}`,
    [TAG_KEYS.cluster]: cluster,
    [TAG_KEYS.part]: part,
    ...(member === undefined ? {} : { [TAG_KEYS.member]: member }),
  };
}
