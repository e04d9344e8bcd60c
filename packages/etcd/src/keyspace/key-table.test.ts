import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Change } from "../client.ts";
import { lastChangePerPath } from "../watch/last-change-per-path.ts";
import { KeyTable } from "./key-table.ts";
import type { KeyRange } from "./key.ts";

const segment = fc.constantFrom("a", "b", "c");
const path = fc.oneof(
  segment.map((unit) => `units/${unit}`),
  fc.tuple(segment, segment).map(([machine, unit]) => `schedule/${machine}/${unit}`),
);
const writes = fc.array(fc.record({ path, value: fc.option(fc.integer(), { nil: null }) }), { maxLength: 40 });
const ranges: readonly KeyRange<number>[] = [
  { path: "units/", segments: ["units", null], schema: z.number() },
  { path: "schedule/", segments: ["schedule", null, null], schema: z.number() },
  { path: "schedule/a/", segments: ["schedule", "a", null], schema: z.number() },
];

test("a table that followed any changes, batched and coalesced anyhow, equals one read at the end", () => {
  fc.assert(
    fc.property(writes, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (all, sizes) => {
      const changes = all.map(({ path: at, value }, index): Change => {
        const revision = BigInt(index + 1);
        return {
          path: at,
          json: value === null ? null : JSON.stringify(value),
          createRevision: revision,
          modRevision: revision,
        };
      });
      const followed = new KeyTable(["units/", "schedule/"]);
      for (let from = 0, turn = 0; from < changes.length; turn += 1) {
        const batch = changes.slice(from, from + (sizes[turn % sizes.length] ?? 1));
        from += batch.length;
        followed.apply(batch.at(-1)?.modRevision ?? 0n, lastChangePerPath(batch));
        // Reading between batches must not make later reads stale.
        for (const range of ranges) followed.list(range);
      }
      const standing = lastChangePerPath(changes).flatMap(({ json, ...rest }) =>
        json === null ? [] : [{ json, ...rest }],
      );
      const read = KeyTable.of(["units/", "schedule/"], BigInt(changes.length), standing);
      for (const range of ranges) expect(followed.list(range)).toEqual(read.list(range));
      expect(followed.revision).toBe(read.revision);
    }),
  );
});

test("lists come in key order and only in the range's own shape", () => {
  const at = (name: string) => ({ path: name, json: "1", createRevision: 1n, modRevision: 1n });
  const table = KeyTable.of(
    [""],
    1n,
    ["schedule/b/x", "schedule/a/y", "schedule/a/x/deep", "schedule/a", "scheduled/a/x"].map(at),
  );
  expect(ranges.map((range) => table.list(range).map((entry) => entry.names))).toEqual([
    [],
    [
      ["a", "y"],
      ["b", "x"],
    ],
    [["y"]],
  ]);
});
