import type { MachineId, UnitName, UnitTarget } from "@quarterdeck/model";
import type { FleetOptions } from "@quarterdeck/units";
import fc from "fast-check";
import { machineId, NO_OPTIONS } from "./build-view.ts";

/** One thing that happens to a cluster. Machines are numbers from 1; one that does not exist, or is in no state for it, is skipped. */
export type ClusterEvent =
  | { readonly kind: "submit"; readonly unit: UnitName; readonly options: FleetOptions; readonly target: UnitTarget }
  | { readonly kind: "target"; readonly unit: UnitName; readonly target: UnitTarget }
  | { readonly kind: "destroy"; readonly unit: UnitName }
  | { readonly kind: "cut" | "grace" | "lose" | "heal" | "boot" | "agent"; readonly machine: MachineId }
  | { readonly kind: "cordon"; readonly machine: MachineId; readonly cordoned: boolean }
  /** Its running copies fail for good, or end well. */
  | { readonly kind: "fail" | "finish"; readonly unit: UnitName }
  | { readonly kind: "disk"; readonly machine: MachineId; readonly freePercent: number }
  | { readonly kind: "relabel"; readonly machine: MachineId; readonly role: string }
  | { readonly kind: "leader"; readonly mayActOnLosses: boolean }
  /** Every agent that is present carries out its schedule. */
  | { readonly kind: "agents" }
  /** A pass of the engine; only so many transactions of it are committed before it dies. */
  | { readonly kind: "engine"; readonly transactions: number };

const NAMES = [
  "a.service",
  "b.service",
  "c.service",
  "d.service",
  "w@1.service",
  "w@2.service",
  "w@3.service",
] as UnitName[];

const FATES = ["cut", "grace", "lose", "lose", "lose", "heal", "heal", "boot", "boot", "boot"] as const;

const someName = fc.constantFrom(...NAMES);
const someMachine = fc.integer({ min: 1, max: 5 }).map(machineId);
const someTarget = fc.constantFrom<UnitTarget>("launched", "launched", "launched", "loaded", "inactive");
const someMetadata = fc.constantFrom(
  [],
  [],
  [],
  [{ key: "role", values: ["worker"] }],
  [{ key: "role", values: ["worker", "db"] }],
  [{ key: "role", values: ["none"] }],
);
/** Machines are m1, m2, …: the last one is about `w@1.service` on the first, and so on. */
const someConflicts = fc.constantFrom([], [], ["w@*.service"], ["a.service"], ["[b-c].service"], ["w@[%H].service"]);

/** Options that go together by fleet's rules; `replaces` can be left out where a property is not true with it. */
function someOptions(withReplaces: boolean): fc.Arbitrary<FleetOptions> {
  const plain = fc.record({
    machineMetadata: someMetadata,
    conflicts: someConflicts,
    memoryReserveMiB: fc.constantFrom(null, null, 300, 700),
    spread: fc.constantFrom(null, null, "role"),
    reschedule: fc.constantFrom("lost", "lost", "lost", "failed", "never"),
    system: fc.constantFrom(false, false, false, true),
    runOnce: fc.constantFrom(false, false, false, true),
  });
  const following = fc.record({
    machineOf: fc.uniqueArray(someName, { minLength: 1, maxLength: 2 }),
    machineMetadata: someMetadata,
  });
  const global = fc.record({ global: fc.constant(true), machineMetadata: someMetadata, conflicts: someConflicts });
  const pinned = fc.record({ machineId: someMachine });
  const replacing = fc.record({ replaces: fc.uniqueArray(someName, { minLength: 1, maxLength: 2 }) });
  const kinds = withReplaces
    ? [plain, plain, plain, following, global, pinned, replacing]
    : [plain, plain, plain, following, global, pinned];
  return fc.oneof(...kinds).map((options) => ({ ...NO_OPTIONS, ...options }));
}

/** A unit does not name itself, which submitting refuses. */
const withoutItself = (unit: UnitName, options: FleetOptions): FleetOptions => ({
  ...options,
  machineOf: options.machineOf.filter((name) => name !== unit),
  replaces: options.replaces.filter((name) => name !== unit),
});

function someEvent(withReplaces: boolean): fc.Arbitrary<ClusterEvent> {
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .record({
          kind: fc.constant("submit" as const),
          unit: someName,
          options: someOptions(withReplaces),
          target: someTarget,
        })
        .map((event) => ({ ...event, options: withoutItself(event.unit, event.options) })),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("target" as const), unit: someName, target: someTarget }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("destroy" as const), unit: someName }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom(...FATES),
        machine: someMachine,
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("agents" as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("agent" as const), machine: someMachine }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("cordon" as const), machine: someMachine, cordoned: fc.boolean() }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constantFrom("fail" as const, "finish" as const), unit: someName }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("disk" as const),
        machine: someMachine,
        freePercent: fc.constantFrom(10, 50),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("relabel" as const),
        machine: someMachine,
        role: fc.constantFrom("worker", "db"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("leader" as const),
        mayActOnLosses: fc.constantFrom(true, true, true, false),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constant("engine" as const), transactions: fc.constantFrom(1, 2, 99, 99) }),
    },
  );
}

/** A cluster of some size and what happens to it. */
export type ClusterHistory = { readonly size: number; readonly events: readonly ClusterEvent[] };

/** Long enough for losses, returns and stops to meet. */
export function someHistory(withReplaces = true): fc.Arbitrary<ClusterHistory> {
  return fc.record({
    size: fc.constantFrom(1, 2, 3, 3, 4, 5, 5),
    events: fc.array(someEvent(withReplaces), { minLength: 30, maxLength: 90, size: "max" }),
  });
}
