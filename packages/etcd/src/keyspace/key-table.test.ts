import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { Change } from "../client.ts";
import { lastChangePerPath } from "../watch/last-change-per-path.ts";
import { KeyTable } from "./key-table.ts";
import type { KeyRange } from "./key.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

// UTF-16 orders the last two the other way round.
const segment = fc.constantFrom("a", "b", "c", "\uffee", "\u{1f600}");
const path = fc.oneof(
  segment.map((unit) => `units/${unit}`),
  fc.tuple(segment, segment).map(([machine, unit]) => `schedule/${machine}/${unit}`),
);
const writes = fc.array(fc.record({ path, value: fc.option(fc.integer(), { nil: null }) }), { maxLength: 40 });
const schedules: KeyRange<number, "machine" | "unit"> = {
  path: "schedule/",
  segments: ["schedule", null, null],
  schema: z.number(),
  names: ["machine", "unit"],
};
const ranges: readonly KeyRange<number>[] = [
  { path: "units/", segments: ["units", null], schema: z.number() },
  { path: "schedule/", segments: ["schedule", null, null], schema: z.number(), names: ["machine", "unit"] },
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
        followed.listWhere(schedules, { unit: "b" });
      }
      const standing = lastChangePerPath(changes).flatMap(({ json, ...rest }) =>
        json === null ? [] : [{ json, ...rest }],
      );
      const read = KeyTable.of(["units/", "schedule/"], BigInt(changes.length), standing);
      for (const range of ranges) expect(followed.list(range)).toEqual(read.list(range));
      expect([...followed.values()]).toEqual([...read.values()]);
      for (const unit of ["a", "b", "\uffee"]) {
        expect(followed.listWhere(schedules, { unit })).toEqual(
          read.list(schedules).filter(({ names }) => names[1] === unit),
        );
        expect(followed.listWhere(schedules, { machine: "a", unit })).toEqual(
          read.list(schedules).filter(({ names }) => names[0] === "a" && names[1] === unit),
        );
      }
      const paths = [...followed.values()].map(({ path: at }) => at);
      expect(paths).toEqual(paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
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

test("what did not change is the same object in every list, and an unchanged list is the same list", () => {
  const one = z.object({ v: z.number() });
  const units: KeyRange<{ v: number }> = { path: "units/", segments: ["units", null], schema: one };
  const others: KeyRange<{ v: number }> = { path: "status/", segments: ["status", null], schema: one };
  const at = (name: string, revision: bigint) => ({
    path: name,
    json: `{"v":${revision}}`,
    createRevision: 1n,
    modRevision: revision,
  });
  const table = KeyTable.of(
    [""],
    1n,
    ["status/a", "units/a", "units/b"].map((name) => at(name, 1n)),
  );
  const before = table.list(units);
  const other = table.list(others);
  expect(table.list(units)).toBe(before);
  table.apply(2n, [at("units/b", 2n)]);
  expect(table.list(others)).toBe(other);
  expect(table.list(units)[0]).toBe(before[0]);
  expect(table.list(units)[1]?.value).toEqual({ v: 2 });
});

test("a name that the range does not have is a fault of ours, not an empty list", () => {
  const table = new KeyTable([""]);
  expect(() => table.listWhere<number, string>(schedules, { units: "a" })).toThrow("no segment named units");
});
