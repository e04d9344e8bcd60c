import { absent, appendAudit, keys, modRevisionIs, put, remove, type Snapshot } from "@quarterdeck/etcd";
import type { Brake, MachineId, Reason } from "@quarterdeck/model";
import type { ClusterView } from "@quarterdeck/planner";
import { formatTimestamp } from "./format-timestamp.ts";
import { joinTransactions } from "./join-transactions.ts";
import type { Commit, Moment } from "./stage.ts";

export type BrakeFacts = {
  readonly cluster: ClusterView;
  /** Of the plan: why nothing is replaced; `null` when the brake is not to be on. */
  readonly brake: Reason | null;
};

/**
 * Writes down that the brake came on or went off, so that people see it and a release can name what it is for; and takes machines that are
 * back out of the release, so that it ends with its mishap. Null when what is written is so.
 */
export function planBrake(view: Snapshot, { cluster, brake }: BrakeFacts, { now, signer }: Moment): Commit | null {
  // A leader that may not act on losses yet has no opinion of its own.
  if (!cluster.mayActOnLosses) return null;
  const key = keys.brake();
  const stored = view.get(key);
  const before = stored?.value ?? NONE;
  const at = formatTimestamp(now);
  const after: Brake = {
    v: 1,
    on: brake === null ? null : { since: before.on?.since ?? at, reason: brake },
    release: keepRelease(before.release, cluster),
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return null;
  const when = [stored === null ? absent(key) : modRevisionIs(stored)];
  const isOver = after.on === null && after.release === null;
  const written = { when, then: [isOver ? remove(key) : put(key, after)] };
  if ((before.on === null) === (after.on === null))
    return { transaction: written, message: "the brake's facts changed", fields: {} };
  const act = after.on === null ? "brake-off" : "brake-on";
  const facts = { at, actor: null, request: null, act, subjects: ["brake"], outcome: brake?.text ?? "applied" };
  return {
    transaction: joinTransactions(written, appendAudit(view, facts, signer)),
    message: after.on === null ? "the brake is off" : "the brake is on",
    fields: brake === null ? {} : { ...brake },
  };
}

const NONE: Brake = { v: 1, on: null, release: null };

function keepRelease(release: Brake["release"], { machines }: ClusterView): Brake["release"] {
  if (release === null) return null;
  const gone = release.machines.filter((machine: MachineId) => machines.get(machine)?.presence.kind === "silent");
  return gone.length === 0 ? null : { ...release, machines: gone };
}
