import { keys } from "@quarterdeck/etcd";
import type { MachineId } from "@quarterdeck/model";
import { expect, test } from "vitest";
import { formatTimestamp } from "./format-timestamp.ts";
import { paceLosses } from "./pace-losses.ts";
import { NOW, presenceFacts } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

/** So many machines, the first of them lost so many milliseconds before now. */
async function cluster(count: number, lostMsAgo: readonly number[]) {
  const machines = Array.from({ length: count }, (_, index) => String(index).padStart(32, "0") as MachineId);
  return viewOf(
    ...machines.map((machine, index) => {
      const ago = lostMsAgo[index];
      return stored(keys.machine(machine), {
        v: 1,
        machine,
        metadata: {},
        cordoned: false,
        lastPresence: presenceFacts(machine),
        lostAt: ago === undefined ? null : formatTimestamp(NOW - ago),
      });
    }),
  );
}

test.each([
  [3, [], 1, null],
  [3, [1_000], 0, NOW - 1_000 + 3_333],
  [3, [3_333], 1, null],
  [40, [], 2, null],
  [40, [1_000], 1, null],
  [40, [2_000, 1_000], 0, NOW - 2_000 + 3_333],
  [40, [3_000, 2_000, 1_000], 0, NOW - 2_000 + 3_333],
])(
  "of %d machines with losses %j ms ago, %d more may be lost now, the next at %s",
  async (count, ago, budget, freeAt) => {
    expect(paceLosses(await cluster(count, ago), NOW, 3_333)).toEqual({ lossBudget: budget, freeAt });
  },
);
