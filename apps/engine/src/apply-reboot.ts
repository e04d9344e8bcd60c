import {
  absent,
  keys,
  modRevisionIs,
  put,
  ranges,
  remove,
  type Entry,
  type Operation,
  type Snapshot,
} from "@quarterdeck/etcd";
import {
  reason,
  refuse,
  succeed,
  type MachineId,
  type RebootGroup,
  type Request,
  type RequestAction,
  type Timestamp,
} from "@quarterdeck/model";
import { unknownMachine } from "./apply-machine.ts";
import type { Decision } from "./effect.ts";
import { endDrain } from "./end-drain.ts";
import { formatTimestamp } from "./format-timestamp.ts";

type RebootAction = Extract<RequestAction, { readonly verb: "reboot" }>;

/** `reboot`: a machine's own word, by FleetLock. It joins the queue of its group, or says that it has done what it wanted; what follows is planned. */
export function applyReboot(
  view: Snapshot,
  { request, action }: { readonly request: Request; readonly action: RebootAction },
  now: number,
): Decision {
  const { machine, group: name, step } = action;
  const known = view.get(keys.machine(machine));
  if (known === null) return refuse(unknownMachine(machine));
  const hostname = known.value.lastPresence.hostname;
  const stored = findGroup(view, machine);
  if (step === "steady") {
    if (stored === null || stored.names[0] !== name)
      return succeed({ ...NOTHING, reason: reason("REQUESTED", `${hostname} is in no queue of ${name}`) });
    return change(stored, { name, machine, after: markSteady(stored.value, machine, formatTimestamp(now)) });
  }
  if (stored !== null && stored.names[0] !== name)
    return refuse({
      code: "ALREADY_RUNNING",
      message: `${hostname} has asked to reboot in group ${stored.names[0]} already`,
      why: "a machine is in one group at a time",
      try: "fleet reboots",
    });
  const key = keys.rebootGroup(name);
  const before = view.get(key);
  const after = enqueue(before?.value ?? EMPTY, { request, machine, at: formatTimestamp(now) });
  if (before !== null) return change(before, { name, machine, after });
  return succeed({ ...NOTHING, when: [absent(key)], then: [put(key, after)], changed: [machine], reason: REQUESTED });
}

/** `reboots release`: takes a machine out of its group, whatever it does, and lets it take units again unless a person had cordoned it. */
export function applyRebootRelease(
  view: Snapshot,
  { request, machine }: { readonly request: Request; readonly machine: MachineId },
  now: number,
): Decision {
  if (request.why === "")
    return refuse({
      code: "USAGE",
      message: "reboots release: --reason is missing",
      why: "whoever reads the audit log must know why the next machine may reboot although this one did not say that it is well",
      try: "fleet reboots release MACHINE --reason 'its disk is dead'",
    });
  const known = view.get(keys.machine(machine));
  if (known === null) return refuse(unknownMachine(machine));
  const stored = findGroup(view, machine);
  const hostname = known.value.lastPresence.hostname;
  if (stored === null)
    return succeed({ ...NOTHING, reason: reason("REQUESTED", `${hostname} neither reboots nor waits for it`) });
  const holder = stored.value.holders.find((one) => one.machine === machine);
  const uncordons = holder !== undefined && !holder.wasCordoned && known.value.cordoned;
  const why = reason("REQUESTED", "its reboot was called off");
  const ended = holder === undefined ? NOTHING : endDrain(view, { machine, why }, now);
  return succeed({
    ...NOTHING,
    when: [modRevisionIs(stored), modRevisionIs(known), ...ended.when],
    then: [
      writeGroup(stored.names[0] ?? "", withoutMachine(stored.value, machine)),
      ...(uncordons ? [put(keys.machine(machine), { ...known.value, cordoned: false })] : []),
      ...ended.then,
    ],
    changed: [machine],
    reason: reason("REQUESTED", `took ${hostname} out of group ${stored.names[0]}`),
  });
}

/** A group that nobody is in is no key. */
export function writeGroup(name: string, after: RebootGroup): Operation {
  const key = keys.rebootGroup(name);
  return after.holders.length + after.waiting.length === 0 ? remove(key) : put(key, after);
}

const EMPTY: RebootGroup = { v: 1, holders: [], waiting: [] };
const REQUESTED = reason("REQUESTED", "it has asked to reboot");
const NOTHING = { when: [], then: [], changed: [], rollout: null, release: null };

function findGroup(view: Snapshot, machine: MachineId): Entry<RebootGroup> | null {
  return (
    view
      .list(ranges.rebootGroups)
      .find(({ value }) => [...value.holders, ...value.waiting].some((asker) => asker.machine === machine)) ?? null
  );
}

function change(
  stored: Entry<RebootGroup>,
  { name, machine, after }: { readonly name: string; readonly machine: MachineId; readonly after: RebootGroup },
): Decision {
  const changed = JSON.stringify(after) !== JSON.stringify(stored.value);
  return succeed({
    ...NOTHING,
    when: [modRevisionIs(stored)],
    then: changed ? [writeGroup(name, after)] : [],
    changed: changed ? [machine] : [],
    reason: changed ? REQUESTED : reason("REQUESTED", "it has said so already"),
  });
}

type Asker = { readonly request: Request; readonly machine: MachineId; readonly at: Timestamp };

/** A machine that said that it was done and asks anew is looked at anew: it may have come back ill, and the next update may heal it. */
function enqueue(group: RebootGroup, { request, machine, at }: Asker): RebootGroup {
  const isKnown = [...group.holders, ...group.waiting].some((asker) => asker.machine === machine);
  if (!isKnown)
    return {
      ...group,
      waiting: [...group.waiting, { machine, askedAt: at, request: request.id, reason: REQUESTED }],
    };
  const holders = group.holders.map((holder) =>
    holder.machine === machine && holder.steadyAt !== null
      ? { ...holder, phase: "draining" as const, since: at, well: [], steadyAt: null }
      : holder,
  );
  return { ...group, holders };
}

function markSteady(group: RebootGroup, machine: MachineId, at: Timestamp): RebootGroup {
  return {
    ...group,
    holders: group.holders.map((holder) =>
      holder.machine === machine ? { ...holder, steadyAt: holder.steadyAt ?? at } : holder,
    ),
    waiting: group.waiting.filter((waiter) => waiter.machine !== machine),
  };
}

function withoutMachine(group: RebootGroup, machine: MachineId): RebootGroup {
  return {
    ...group,
    holders: group.holders.filter((holder) => holder.machine !== machine),
    waiting: group.waiting.filter((waiter) => waiter.machine !== machine),
  };
}
