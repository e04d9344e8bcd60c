/** Tags by which policies, machines and bills tell a cluster's things on EC2 from all others; policies compare them, so they never change. */
export const TAG_KEYS = {
  cluster: "quarterdeck:cluster",
  /** The part of the cluster: `etcd`, `worker`, `network`, … */
  part: "quarterdeck:part",
  /** The member's id, on its disk, network interface and machines alone. */
  member: "quarterdeck:member",
} as const;
