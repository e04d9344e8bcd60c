import {
  absent,
  appendAudit,
  keys,
  modRevisionIs,
  present,
  put,
  type Entry,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import { reason, type MachineId, type RebootGroup } from "@quarterdeck/model";
import type { RebootStep } from "@quarterdeck/planner";
import { writeGroup } from "./apply-reboot.ts";
import { endDrain } from "./end-drain.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Moment } from "./stage.ts";

const ACTS = {
  take: "reboot-draining",
  drain: "reboot-draining",
  grant: "reboot-granted",
  release: "reboot-released",
} as const satisfies Record<Exclude<RebootStep["kind"], "say">, string>;

/** One step of a reboot as one transaction: the group, what the machine's record says of it, its drain, and the entry in the audit log. */
export function composeReboot(
  view: Snapshot,
  stored: Entry<RebootGroup>,
  { step, now, signer }: Moment & { readonly step: RebootStep },
): Transaction {
  const written: Transaction = { when: [modRevisionIs(stored)], then: [writeGroup(step.group, step.after)] };
  const audited = (act: string, machine: MachineId, outcome: string): Transaction =>
    appendAudit(
      view,
      { at: formatTimestamp(now), actor: null, request: null, act, subjects: [machine, step.group], outcome },
      signer,
    );
  if (step.machine === null || step.kind === "say") {
    // That nobody knows where a machine is must be found in the log too, and once.
    const late = newlyOverdue(stored.value, step.after);
    if (late === null) return written;
    return joinTransactions(written, audited("reboot-overdue", late.machine, late.reason.text));
  }
  return joinTransactions(
    written,
    composeMachine(view, step.machine, step, now),
    audited(ACTS[step.kind], step.machine, `${step.reason.code} ${step.reason.text}`),
  );
}

function composeMachine(view: Snapshot, machine: MachineId, step: RebootStep, now: number): Transaction {
  const known = view.get(keys.machine(machine));
  const cordons = known !== null && step.cordoned !== null && known.value.cordoned !== step.cordoned;
  const record: Transaction = {
    when: known === null ? [] : [modRevisionIs(known)],
    then: cordons ? [put(keys.machine(machine), { ...known.value, cordoned: step.cordoned === true })] : [],
  };
  if (step.kind === "release") {
    const why = reason("REQUESTED", `its reboot is over: ${step.reason.text}`);
    return joinTransactions(record, endDrain(view, { machine, why }, now));
  }
  const here: Transaction = { when: [present(keys.presence(machine))], then: [] };
  if (step.relocation === null) return joinTransactions(record, here);
  const key = keys.relocation(step.relocation.id);
  return joinTransactions(record, here, { when: [absent(key)], then: [put(key, step.relocation)] });
}

function newlyOverdue(before: RebootGroup, after: RebootGroup) {
  const was = new Set(
    before.holders.filter((holder) => holder.reason.code === "REBOOT_OVERDUE").map(({ machine }) => machine),
  );
  return after.holders.find(({ machine, reason: { code } }) => code === "REBOOT_OVERDUE" && !was.has(machine)) ?? null;
}
