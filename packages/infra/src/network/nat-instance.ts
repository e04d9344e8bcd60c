/** What a NAT instance runs on: the smallest that forwards what three small machines pull. */
export const NAT_INSTANCE_TYPES = { x86_64: "t3.nano", arm64: "t4g.nano" } as const;
