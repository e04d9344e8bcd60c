import { z } from "zod";

/** Why something was decided. The code is closed so that tests and scripts can rely on it; the text is for people. */
export const REASON_CODES = [
  // placed
  "LEAST_LOADED",
  "ONLY_CANDIDATE",
  "FOLLOWS_MACHINE_OF",
  "PINNED_BY_MACHINE_ID",
  "GLOBAL_UNIT",
  "SPREAD_EVENLY",
  "WAS_HERE",
  "STAYS",
  // refused by a machine
  "MACHINE_NOT_RUNNING",
  "MACHINE_CORDONED",
  "METADATA_MISMATCH",
  "MACHINE_ID_MISMATCH",
  "CONFLICTS_WITH",
  "MACHINE_OF_ELSEWHERE",
  "REPLACED_BY",
  "MEMORY_SHORT",
  "CPU_SHORT",
  "DISK_LOW",
  // moved or stopped
  "TARGET_CHANGED",
  "DESTROYED",
  "MACHINE_LOST",
  "MACHINE_RETURNED",
  "REPLACEMENT_HEALTHY",
  "CONSTRAINT_BROKEN",
  "REPLACES",
  "UNIT_CHANGED",
  "FAILED_FOR_GOOD",
  "FENCED",
  "DRAINED",
  "REBALANCED",
  "MOVED",
  "MOVE_FAILED",
  "MOVE_NOT_NEEDED",
  // rollout
  "ROLLOUT_STEP",
  "ROLLOUT_WAITING",
  "ROLLOUT_DONE",
  "ROLLOUT_UNHEALTHY",
  "ROLLOUT_DEADLINE",
  "SCALED",
  "SUPERSEDED",
  // held back
  "NO_MACHINES",
  "NO_CANDIDATE",
  "MACHINE_OF_UNPLACED",
  "WAITS_FOR_STOP",
  "WAITS_FOR_GRACE",
  "WAITS_FOR_BACKOFF",
  "RESCHEDULE_NEVER",
  "NOT_RESTARTED",
  "RUN_ONCE_DONE",
  "BRAKED",
  "LOSSES_PACED",
  "STALE_MIRROR",
  // reboots
  "REBOOT_SLOT_HELD",
  "REBOOT_DRAINING",
  "REBOOT_GRANTED",
  "REBOOT_NOT_STEADY",
  "REBOOT_OVERDUE",
  "REBOOT_ENDED",
  "MACHINE_MISSING",
  "QUORUM_AT_RISK",
  "ROLLOUT_RUNNING",
  "RELOCATION_RUNNING",
  // bookkeeping
  "ACKNOWLEDGED",
  "REQUESTED",
  "SEEDED",
] as const;

export type ReasonCode = (typeof REASON_CODES)[number];

export const reasonSchema = z.object({ code: z.enum(REASON_CODES), text: z.string() });

export type Reason = z.infer<typeof reasonSchema>;

export function reason(code: ReasonCode, text: string): Reason {
  return { code, text };
}
