import type { MachineId, Reason, ScheduleEntry, Timestamp, UnitName, UnitStatus } from "@quarterdeck/model";

/** What `schedule/<machine>/<unit>` must be for the write to go ahead: its mod revision, or `null` for "no such key". */
export type Expectation = bigint | null;

type Step = {
  readonly unit: UnitName;
  readonly reason: Reason;
  /** To be written to `status/<unit>` in the same transaction; `null` leaves it as it is. */
  readonly status: UnitStatus | null;
  /** Steps of one group belong in one transaction: units tied by MachineOf move together. */
  readonly group: UnitName;
};

type Write = Step & { readonly machine: MachineId; readonly entry: ScheduleEntry; readonly expects: Expectation };

/** One change of the schedule. Each step stands alone: any of them may be lost, and the next plan has it again. */
export type ScheduleStep =
  /** Puts a new entry. */
  | ({ readonly kind: "place" } & Write)
  /** Rewrites a live entry after the unit changed: file, environment, target or incarnation. */
  | ({ readonly kind: "update" } & Write)
  /** Turns a live entry to `absent`: the one way in which a running unit is stopped. */
  | ({ readonly kind: "remove" } & Write)
  /**
   * Puts a new entry on `machine` and turns the one on `lost` to `absentAfter`, in one transaction that also compares the
   * presence of `lost` absent.
   */
  | ({
      readonly kind: "replaceLost";
      readonly lost: MachineId;
      readonly lostEntry: ScheduleEntry;
      readonly lostExpects: bigint;
    } & Write)
  /** Turns an `absentAfter` of a machine that came back to `absent`. */
  | ({ readonly kind: "settle" } & Write)
  /** Deletes an `absent` entry that its agent has carried out. */
  | ({ readonly kind: "forget"; readonly machine: MachineId; readonly expects: bigint } & Step)
  /** No machine will have the unit; the status holds a reason per machine. */
  | ({ readonly kind: "unplaceable"; readonly machine: null; readonly status: UnitStatus } & Step)
  /** Only the status changes: facts have moved on without a write to the schedule. */
  | ({ readonly kind: "record"; readonly machine: MachineId | null; readonly status: UnitStatus } & Step);

/** Something that was not done, and why; nothing is written for it. */
export type Hold = { readonly unit: UnitName; readonly machine: MachineId | null; readonly reason: Reason };

export type SchedulePlan = {
  /** In order; may be cut anywhere between groups. Empty when the cluster is as it should be. */
  readonly steps: readonly ScheduleStep[];
  readonly holds: readonly Hold[];
  /** Silent machines that this plan treats as lost, by id; `machines/<id>.lostAt` may be set from it. */
  readonly lost: readonly MachineId[];
  /** Why nothing is replaced although machines are lost; `null` when the brake is not on. */
  readonly brake: Reason | null;
  /** When time alone will change the plan; `null` for never. */
  readonly wakeAt: Timestamp | null;
};
