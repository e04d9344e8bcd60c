import type { MachineId, Reason, Release, Rollout, ScheduleEntry, Timestamp, Unit, UnitName } from "@quarterdeck/model";
import type { Expectation } from "./schedule-step.ts";

/** A rollout and the release it rolls out: `rollout.release` is `release.number`. */
export type RolloutView = { readonly rollout: Rollout; readonly release: Release };

export type RolloutAction =
  /**
   * Writes `units/<unit>` and, where the unit has a live entry, that entry; without one (`entry` null) `planSchedule` places it
   * in its next pass.
   */
  | {
      readonly kind: "start";
      readonly unit: UnitName;
      readonly value: Unit;
      /** Whether `units/<unit>` exists already. */
      readonly exists: boolean;
      readonly entry: {
        readonly machine: MachineId;
        readonly entry: ScheduleEntry;
        readonly expects: Expectation;
      } | null;
      readonly reason: Reason;
    }
  /** The new copy has been healthy for long enough. Nothing to write but the rollout. */
  | { readonly kind: "healthy"; readonly unit: UnitName; readonly reason: Reason }
  /** This replica failed, and with it the rollout. Nothing to write but the rollout. */
  | { readonly kind: "fail"; readonly unit: UnitName; readonly reason: Reason }
  /** Deletes `units/<unit>` and `status/<unit>`: a replica above the number wanted. `planSchedule` then stops it. */
  | { readonly kind: "retire"; readonly unit: UnitName; readonly reason: Reason };

export type RolloutPlan = {
  readonly actions: readonly RolloutAction[];
  /** The rollout as it is to be written, in the transaction of the actions; the very object that was given when nothing changed. */
  readonly rollout: Rollout;
  /** When to plan again although nothing may have changed; `null` when only a change can matter. */
  readonly wakeAt: Timestamp | null;
};
