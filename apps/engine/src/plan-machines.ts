import {
  absent,
  appendAudit,
  keys,
  modRevisionIs,
  put,
  ranges,
  type Entry,
  type Snapshot,
  type Transaction,
} from "@quarterdeck/etcd";
import type { Machine, MachineId, Presence } from "@quarterdeck/model";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Moment } from "./stage.ts";

/** What the engine writes into `machines/<machine>`, one act at a time because each is a link of the audit chain. */
export type MachineAct = {
  readonly act: "machine-joined" | "machine-returned" | "machine-lost" | "machine-facts";
  readonly machine: MachineId;
  readonly transaction: Transaction;
};

/** The first thing to write down about machines that are there, or null: who came, who came back, whose facts changed. */
export function planMachines(view: Snapshot, moment: Moment): MachineAct | null {
  for (const presence of view.list(ranges.presences)) {
    const act = welcome(view, presence, moment);
    if (act !== null) return act;
  }
  return null;
}

/** Writes down that a machine is lost, while its presence is still gone; null when that is written already. */
export function declareLost(view: Snapshot, machine: MachineId, moment: Moment): MachineAct | null {
  const key = keys.machine(machine);
  const known = view.get(key);
  if (known === null || known.value.lostAt !== null) return null;
  const written: Transaction = {
    when: [modRevisionIs(key, known.modRevision), absent(keys.presence(machine))],
    then: [put(key, { ...known.value, lostAt: formatTimestamp(moment.now) })],
  };
  return audited(view, { act: "machine-lost", machine, transaction: written }, moment);
}

function welcome(view: Snapshot, presence: Entry<Presence>, moment: Moment): MachineAct | null {
  const machine = presence.value.machine;
  // An agent writes below its own id alone; a presence that names another machine would rename it.
  if (presence.names[0] !== machine) return null;
  const key = keys.machine(machine);
  const known = view.get(key);
  const here = modRevisionIs(keys.presence(machine), presence.modRevision);
  if (known === null) {
    const record: Machine = {
      v: 1,
      machine,
      metadata: {},
      cordoned: false,
      lastPresence: presence.value,
      lostAt: null,
    };
    const written: Transaction = { when: [absent(key), here], then: [put(key, record)] };
    return audited(view, { act: "machine-joined", machine, transaction: written }, moment);
  }
  const record: Machine = { ...known.value, lastPresence: presence.value, lostAt: null };
  const written: Transaction = { when: [modRevisionIs(key, known.modRevision), here], then: [put(key, record)] };
  if (known.value.lostAt !== null) {
    return audited(view, { act: "machine-returned", machine, transaction: written }, moment);
  }
  if (JSON.stringify(known.value.lastPresence) === JSON.stringify(presence.value)) return null;
  return { act: "machine-facts", machine, transaction: written };
}

/** The same act with its link of the audit chain. */
function audited(view: Snapshot, { act, machine, transaction }: MachineAct, { now, signer }: Moment): MachineAct {
  const at = formatTimestamp(now);
  const facts = { at, actor: null, request: null, act, subjects: [machine], outcome: "applied" };
  return { act, machine, transaction: joinTransactions(transaction, appendAudit(view, facts, signer)) };
}
