import type { MachineId, ScheduleEntry, Sha256, Timestamp, UnitName, UnitState } from "@quarterdeck/model";
import type { ClusterView, StateView } from "../cluster-view.ts";

/** What a pretended unit does when it is started; a well one when nothing else is said. `done`: a oneshot that has succeeded. */
export type Behaviour = "well" | "starting" | "sick" | "failed" | "done";

export type AgentOptions = {
  readonly now: Timestamp;
  /** The machine was off: nothing runs before this pass. */
  readonly rebooted?: boolean;
  readonly behaviourOf?: (unit: UnitName, entry: ScheduleEntry) => Behaviour;
};

/** The view after one machine's agent has carried out its whole schedule and reported, by the protocol of agent and engine. */
export function actAsAgent(view: ClusterView, machine: MachineId, options: AgentOptions): ClusterView {
  const before = new Map(
    view.states.filter((state) => state.machine === machine).map(({ unit, state }) => [unit, state]),
  );
  const entries = new Map(
    view.entries.filter((entry) => entry.machine === machine).map((entry) => [entry.unit, entry]),
  );
  const states: StateView[] = view.states.filter((state) => state.machine !== machine);
  for (const [unit, { entry, modRevision }] of entries) {
    const state = before.get(unit) ?? null;
    const running = state !== null && !options.rebooted && state.active === "active";
    states.push({ machine, unit, state: carryOut(unit, entry, { ...options, state, running, revision: modRevision }) });
  }
  for (const [unit, state] of before) {
    if (entries.has(unit)) continue;
    // Acknowledged and forgotten: the state goes too. Otherwise the copy is an orphan, reported and left alone.
    if (state.generation === 0 && state.active === "inactive") continue;
    states.push({
      machine,
      unit,
      state: { ...state, incarnation: null, ...(options.rebooted ? { active: "inactive" } : {}) },
    });
  }
  return { ...view, states };
}

type Situation = AgentOptions & {
  readonly state: UnitState | null;
  readonly running: boolean;
  readonly revision: bigint;
};

function carryOut(unit: UnitName, entry: ScheduleEntry, situation: Situation): UnitState {
  const { state, running } = situation;
  const acknowledged = { entryRevision: String(situation.revision) };
  switch (entry.target.kind) {
    case "absent":
      return { ...blank(entry, situation), generation: 0, ...acknowledged };
    case "loaded":
      return { ...blank(entry, situation), ...acknowledged };
    case "absentAfter":
      return {
        ...(state ?? { ...blank(entry, situation), generation: 0 }),
        // What a boot has ended is started afresh by a later entry, whatever its generation.
        ...(situation.rebooted ? { generation: 0 } : {}),
        ...(running ? {} : { active: "inactive", sub: "dead" }),
        ...acknowledged,
      };
    case "launched": {
      if (running && state !== null && sameCopy(state, entry))
        return { ...state, generation: entry.generation, release: entry.release, ...acknowledged };
      // What ended by itself is not started a second time, but after a boot.
      if (!situation.rebooted && state !== null && sameCopy(state, entry) && state.generation === entry.generation)
        return { ...state, ...acknowledged };
      return { ...blank(entry, situation), ...LOOKS[situation.behaviourOf?.(unit, entry) ?? "well"], ...acknowledged };
    }
  }
}

function sameCopy(state: UnitState, entry: ScheduleEntry): boolean {
  // A state does not tell its environment; the planner raises the generation whenever that changes.
  const sameEnvironment = state.release === entry.release || state.generation === entry.generation;
  return state.incarnation === entry.incarnation && state.hash === entry.hash && sameEnvironment;
}

const LOOKS = {
  well: { active: "active", sub: "running", result: "success", health: "passing", healthDetail: "200 OK" },
  starting: { active: "active", sub: "running", result: "success", health: "unknown", healthDetail: "" },
  sick: {
    active: "active",
    sub: "running",
    result: "success",
    health: "failing",
    healthDetail: "503 Service Unavailable",
  },
  done: { active: "inactive", sub: "dead", result: "success", health: "none", healthDetail: "" },
  failed: { active: "failed", sub: "failed", result: "exit-code", health: "unknown", healthDetail: "" },
} as const satisfies Record<Behaviour, Partial<UnitState>>;

function blank(entry: ScheduleEntry, { now }: Situation): UnitState {
  return {
    v: 1,
    incarnation: entry.incarnation,
    generation: entry.generation,
    release: entry.release,
    hash: entry.hash satisfies Sha256,
    load: "loaded",
    active: "inactive",
    sub: "dead",
    result: "success",
    health: "none",
    healthDetail: "",
    restarts: 0,
    since: now,
    bootId: "boot",
    invocationId: "",
    entryRevision: null,
    problem: null,
  };
}
