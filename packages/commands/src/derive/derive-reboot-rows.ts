import type { MachineId, RebootHolder, RebootWaiter, Timestamp } from "@quarterdeck/model";
import type { Facts } from "../facts/facts.ts";
import { hostnameOf } from "../facts/machine-words.ts";

/** A row of `reboots`, and its JSON. */
export type RebootRow = {
  readonly group: string;
  readonly machine: MachineId;
  readonly hostname: string;
  /** `rebooting`: it may reboot, and is waited for until it is back and well. */
  readonly phase: "draining" | "rebooting" | "waiting";
  /** When the phase began; of one that waits, when it asked. */
  readonly since: Timestamp;
  /** It has been away for longer than a reboot takes. */
  readonly overdue: boolean;
  readonly reason: string;
};

/** By group; in each those that hold a slot, then those that wait, in the order of their turns. */
export function deriveRebootRows(facts: Facts): readonly RebootRow[] {
  return facts.reboots.flatMap(({ group, holders, waiting }) => [
    ...holders.map((holder) => rowOf(facts, group, { asker: holder, phase: holder.phase, since: holder.since })),
    ...waiting.map((waiter) => rowOf(facts, group, { asker: waiter, phase: "waiting", since: waiter.askedAt })),
  ]);
}

type Standing = Pick<RebootRow, "phase" | "since"> & { readonly asker: RebootHolder | RebootWaiter };

function rowOf(facts: Facts, group: string, { asker, phase, since }: Standing): RebootRow {
  const { machine, reason } = asker;
  const at = facts.machines.get(machine);
  return {
    group,
    machine,
    hostname: at === undefined ? "" : hostnameOf(at),
    phase,
    since,
    overdue: reason.code === "REBOOT_OVERDUE",
    reason: reason.text,
  };
}
