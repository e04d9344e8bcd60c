import type { Logger } from "@quarterdeck/daemon";
import { aborted } from "./aborted.ts";
import type { Clock } from "./ports.ts";
import type { Entries } from "./schedule.ts";

export type BeginScheduleOptions = {
  /** Resolves once this machine is present under its name. */
  readonly present: Promise<void>;
  /** Whether another machine was found under it. */
  readonly hasRival: () => boolean;
  /** Of the copy on disk; `null` when there is none. */
  readonly copy: Entries | null;
  readonly schedule: {
    readonly source: "none" | "disk" | "etcd";
    useCopy(entries: Entries): void;
    follow(until: AbortSignal): Promise<void>;
  };
  readonly clock: Clock;
  readonly log: Logger;
};

export const ETCD_PATIENCE_MS = 15_000;

/**
 * No schedule before presence: a copy of another machine must not touch what it was not given, neither its units nor the other's states. While etcd cannot
 * be reached nobody can be asked, and the copy on disk counts.
 */
export async function beginSchedule(
  { present, hasRival, copy, schedule, clock, log }: BeginScheduleOptions,
  signal: AbortSignal,
): Promise<void> {
  const alone = async () => {
    if (copy === null) return;
    await clock.wait(ETCD_PATIENCE_MS, signal).catch(() => undefined);
    if (signal.aborted || schedule.source === "etcd" || hasRival()) return;
    log.warn({ units: copy.size }, "etcd cannot be reached; this machine's units start from the schedule on disk");
    schedule.useCopy(copy);
  };
  const together = async () => {
    await Promise.race([present, aborted(signal)]);
    await schedule.follow(signal);
  };
  await Promise.all([alone(), together()]);
}
