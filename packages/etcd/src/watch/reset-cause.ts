/** How the text begins that tells people why a follower starts over. */
export const RESET_REASONS = {
  compacted: "history before revision",
  other_cluster: "this is another cluster than before",
  went_back: "the cluster's revision went back",
  restored: "the cluster was restored: its history is not the one that was followed",
  slow_reader: "the reader was too slow for the changes",
  cancelled: "etcd cancelled the watch",
} as const;

/** One of a few, where the text may hold a revision or etcd's own words: as a label it would make a series each. */
export type ResetCause = keyof typeof RESET_REASONS | "other";

export function resetCauseOf(why: string): ResetCause {
  const causes = Object.keys(RESET_REASONS) as (keyof typeof RESET_REASONS)[];
  return causes.find((cause) => why.startsWith(RESET_REASONS[cause])) ?? "other";
}
