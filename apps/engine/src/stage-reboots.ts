import { ranges, type Snapshot } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import { planReboot, type RebootView } from "@quarterdeck/planner";
import type { ClusterDeriver } from "./cluster-deriver.ts";
import { composeReboot } from "./compose-reboot.ts";
import { earliest } from "./earliest.ts";
import { formatTimestamp } from "./format-timestamp.ts";
import { FRESH_MS, type HealthDesk } from "./health-desk.ts";
import { NOTHING, type Pass, type Stage } from "./stage.ts";

export type RebootLimits = {
  /** How many machines of a group may be away at once; at least 1. */
  readonly slots: number;
  /** How long one may take to be back, before it is said that it is not. */
  readonly overdueSeconds: number;
  /** Host names or addresses of etcd's endpoints: machines with one of them have a member. */
  readonly etcdHosts: ReadonlySet<string>;
};

export type RebootParts = {
  readonly derive: ClusterDeriver;
  readonly desk: HealthDesk;
  readonly limits: RebootLimits;
};

/** Drains machines that have asked to reboot, lets them go one after the other, and waits until they are back and well. */
export function createRebootStage({ derive, desk, limits }: RebootParts): Stage {
  return {
    name: "reboots",
    plan(pass) {
      const groups = pass.view.list(ranges.rebootGroups);
      if (groups.length === 0) return NOTHING;
      const isAsked = groups.some(
        ({ value }) => value.waiting.length > 0 || value.holders.some(({ phase }) => phase === "draining"),
      );
      const unhealthy = isAsked ? desk.unhealthy(pass.elapsed) : [];
      if (unhealthy === null) return NOTHING;
      const { step, wakeAt } = planReboot(rebootView(pass, { derive, limits, unhealthy }), formatTimestamp(pass.now));
      const stored = groups.find(({ names }) => names[0] === step?.group);
      if (step === null || stored === undefined) {
        const wake = wakeAt === null ? null : pass.elapsed + Math.max(1, Date.parse(wakeAt) - pass.now);
        const look = isAsked ? pass.elapsed + FRESH_MS : null;
        return { commits: [], dueAt: earliest(wake, look) };
      }
      const fields = { group: step.group, machine: step.machine, step: step.kind, reason: step.reason.text };
      const transaction = composeReboot(pass.view, stored, { step, now: pass.now, signer: pass.signer });
      return { commits: [{ transaction, message: "moved a reboot on", fields }], dueAt: null };
    },
  };
}

type Looked = Pick<RebootParts, "derive" | "limits"> & { readonly unhealthy: readonly string[] };

function rebootView(pass: Pass, { derive, limits, unhealthy }: Looked): RebootView {
  const { view } = pass;
  return {
    cluster: derive(pass).cluster,
    groups: new Map(view.list(ranges.rebootGroups).map(({ names, value }) => [names[0] ?? "", value])),
    relocations: view.list(ranges.relocations).map(({ value }) => value),
    rollouts: view.list(ranges.rollouts).map(({ value }) => value),
    bootIds: new Map(view.list(ranges.presences).map(({ names, value }) => [names[0] as MachineId, value.bootId])),
    etcd: { machines: etcdMachines(view, limits.etcdHosts), unhealthy },
    slots: limits.slots,
    overdueSeconds: limits.overdueSeconds,
  };
}

function etcdMachines(view: Snapshot, hosts: ReadonlySet<string>): ReadonlySet<MachineId> {
  return new Set(
    view
      .list(ranges.machines)
      .filter(({ value: { lastPresence: at } }) => hosts.has(at.address) || hosts.has(at.hostname))
      .map(({ names }) => names[0] as MachineId),
  );
}
