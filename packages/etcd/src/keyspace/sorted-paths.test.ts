import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { byteOrder } from "./byte-order.ts";
import { prefixEnd } from "./prefix-end.ts";
import { SortedPaths } from "./sorted-paths.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const asBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const path = fc.oneof(fc.string({ unit: "binary", maxLength: 6 }), fc.stringMatching(/^[ab/]{0,4}$/));

test("paths are compared as etcd compares their bytes", () => {
  fc.assert(fc.property(path, path, (a, b) => Math.sign(byteOrder(a, b)) === Math.sign(asBytes(a, b))));
});

test("whatever is added and removed in whatever order, all stay in order and prefixes are found", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(path, fc.boolean()), { maxLength: 200 }), path, (acts, prefix) => {
      const sorted = new SortedPaths();
      const model = new Set<string>();
      for (const [each, add] of acts) {
        if (!add || model.has(each)) {
          sorted.delete(each);
          model.delete(each);
        } else {
          sorted.add(each);
          model.add(each);
        }
      }
      const all = [...model].toSorted(asBytes);
      expect([...sorted.all()]).toEqual(all);
      expect(sorted.size).toBe(all.length);
      expect([...sorted.below(prefix)]).toEqual(all.filter((each) => each.startsWith(prefix)));
    }),
  );
});

test("ten thousand paths in no order are split over many chunks and lose nothing", () => {
  const sorted = new SortedPaths();
  const paths = Array.from({ length: 10_000 }, (_, index) => `a/${(index * 7919) % 10_007}`);
  for (const each of paths) sorted.add(each);
  expect([...sorted.all()]).toEqual(paths.toSorted());
  for (const each of paths.slice(0, 9_000)) sorted.delete(each);
  expect([...sorted.below("a/")]).toEqual(paths.slice(9_000).toSorted());
});

test("the end of a prefix lies after all that start with it and before all else that comes later", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 3 }), path, (prefix, each) => {
      const end = prefixEnd(prefix);
      const within = asBytes(each, prefix) >= 0 && (end === "\0" || asBytes(each, end) < 0);
      expect(within).toBe(each.startsWith(prefix));
    }),
  );
  expect(prefixEnd("")).toBe("\0");
});
