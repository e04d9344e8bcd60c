import { computed, signal } from "@preact/signals";
import { send } from "./call.ts";
import { attempt } from "./notice.ts";

/** A machine as the lab tells of it; `pid` is its init seen from outside. */
export type Machine = {
  readonly name: string;
  readonly machine: string;
  readonly ip: string;
  readonly state: "booting" | "running" | "frozen" | "cut" | "off";
  readonly pid: number | null;
};

/**
 * A unit as etcd tells of it, a row for each machine it is on; `machine` is that machine's id, null while it is on none.
 * `health` is none, unknown, passing or failing.
 */
export type Unit = {
  readonly unit: string;
  readonly machine: string | null;
  readonly active: string;
  readonly sub: string;
  readonly health: string;
  readonly image: string | null;
  readonly target: string;
};

type LabEvent =
  | { readonly type: "machines"; readonly machines: readonly Machine[] }
  | { readonly type: "units"; readonly units: readonly Unit[] }
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "lab"; readonly connected: boolean };

export const machines = signal<readonly Machine[]>([]);
export const units = signal<readonly Unit[]>([]);
export const labLines = signal<readonly string[]>([]);
export const labConnected = signal(false);

/** Machines on which something was asked for and is not yet there, and what it was. */
export const pending = signal<ReadonlyMap<string, string>>(new Map());

const LINES_KEPT = 200;

/** What is on a machine, by name. */
export function unitsOf({ machine }: Machine): readonly Unit[] {
  return units.value.filter((unit) => unit.machine === machine).toSorted(byName);
}

/** Units that are wanted and stand nowhere. */
export const unplaced = computed(() =>
  units.value.filter(({ machine, target }) => machine === null && target !== "inactive").toSorted(byName),
);

/** Machines that run, and units by how they are; those of a machine that does not answer are `lastKnown` and nothing else. */
export const census = computed(() => {
  const heard = new Set(machines.value.filter(({ state }) => state === "running").map(({ machine }) => machine));
  const placed = units.value.filter(({ machine }) => machine !== null);
  const now = placed.filter(({ machine }) => machine !== null && heard.has(machine));
  const active = now.filter((unit) => unit.active === "active");
  return {
    running: heard.size,
    active: active.length,
    failing: active.filter(({ health }) => health === "failing").length,
    failed: now.filter((unit) => unit.active === "failed").length,
    lastKnown: placed.filter(({ active: then }) => then === "active").length - active.length,
  };
});

/** Follows the lab for as long as the page is open. */
export function startFleet(): void {
  const events = new EventSource("/sandbox/lab/events");
  events.addEventListener("message", ({ data }: MessageEvent<string>) => apply(JSON.parse(data) as LabEvent));
  events.addEventListener("error", () => (labConnected.value = false));
}

/** Asks the lab to do something to a machine. */
export function act(machine: string, verb: string): void {
  pending.value = new Map([...pending.value, [machine, verb]]);
  attempt(async () => {
    try {
      await send(`/sandbox/lab/machines/${encodeURIComponent(machine)}/${verb}`);
    } finally {
      pending.value = new Map([...pending.value].filter(([name]) => name !== machine));
    }
  });
}

function apply(event: LabEvent): void {
  switch (event.type) {
    case "machines":
      machines.value = event.machines.toSorted((a, b) => inOrder(a.name, b.name));
      return;
    case "units":
      units.value = event.units;
      return;
    case "log":
      labLines.value = [...labLines.value, event.line].slice(-LINES_KEPT);
      return;
    case "lab":
      labConnected.value = event.connected;
      return;
  }
}

function byName(a: Unit, b: Unit): number {
  return inOrder(a.unit, b.unit);
}

/** m2 before m10. */
function inOrder(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
