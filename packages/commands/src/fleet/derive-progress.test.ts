import type { Revision } from "@quarterdeck/etcd";
import type { ScheduleEntry, ScheduleTarget, UnitState, UnitTarget } from "@quarterdeck/model";
import { expect, test } from "vitest";
import type { Copy } from "../facts/copies-of.ts";
import { AT, because, HASH, M1 } from "../testing/seed-cluster.ts";
import { deriveProgress } from "./derive-progress.ts";

type Given = {
  readonly entry?: ScheduleTarget["kind"];
  readonly active?: string;
  /** @default true */
  readonly acknowledged?: boolean;
  /** @default true */
  readonly live?: boolean;
};

function copy({ entry, active, acknowledged = true, live = true }: Given): Copy {
  const target =
    entry === "absentAfter" ? { kind: entry, replacement: M1 } : entry === undefined ? null : { kind: entry };
  const facts = { incarnation: "5" as ScheduleEntry["incarnation"], generation: 1, hash: HASH, release: null };
  return {
    machine: M1,
    at: null,
    live,
    entry: target === null ? null : { v: 1, ...facts, environment: {}, target, reason: because("LEAST_LOADED") },
    entryRevision: target === null ? null : (7n as Revision),
    state:
      active === undefined
        ? null
        : ({ ...facts, active, entryRevision: acknowledged ? "7" : "6", since: AT } as UnitState),
  };
}

test.each<readonly [string, UnitTarget, readonly Given[], UnitTarget]>([
  ["nothing is known of it anywhere", "launched", [], "inactive"],
  ["a machine was told, and has said nothing", "launched", [{ entry: "launched" }], "inactive"],
  [
    "a machine is about to start it",
    "launched",
    [{ entry: "launched", active: "activating", acknowledged: false }],
    "loaded",
  ],
  ["a machine has started it", "launched", [{ entry: "launched", active: "active" }], "launched"],
  ["a machine has started it, and it failed", "launched", [{ entry: "launched", active: "failed" }], "launched"],
  ["a lost machine had started it", "launched", [{ entry: "launched", active: "active", live: false }], "inactive"],
  ["it is being stopped", "loaded", [{ entry: "loaded", active: "deactivating", acknowledged: false }], "launched"],
  ["nobody has told the machine yet to stop it", "loaded", [{ entry: "launched", active: "active" }], "launched"],
  ["it was stopped", "loaded", [{ entry: "loaded", active: "inactive" }], "loaded"],
  [
    "it is being taken away and still runs",
    "inactive",
    [{ entry: "absent", active: "active", acknowledged: false }],
    "launched",
  ],
  ["it was taken away", "inactive", [{ entry: "absent", active: "inactive" }], "inactive"],
])("when %s and %s is desired", (_, desired, copies, progress) => {
  expect(deriveProgress(desired, copies.map(copy))).toBe(progress);
});
