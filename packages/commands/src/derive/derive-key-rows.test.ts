import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { deriveKeyRows } from "./derive-key-rows.ts";

// A limit by the work and not by the clock: a second for each of fast-check's hundred runs of a property.
vi.setConfig({ testTimeout: 100_000 });

const rows = (keys: readonly string[], directory: string, recursive = false): readonly string[] =>
  deriveKeyRows(keys, { directory, recursive }).map((row) => row.key + (row.directory ? "/" : ""));

test.each([
  ["one level of the root", ["/a", "/b/c", "/b/d"], "/", false, ["/a", "/b/"]],
  ["all of the root", ["/a", "/b/c", "/b/d/e"], "/", true, ["/a", "/b/", "/b/c", "/b/d/", "/b/d/e"]],
  ["nothing of what only begins alike", ["/web2/x", "/web/x"], "/web", false, ["/web/x"]],
  ["both, of a name that is a key and a directory", ["/a", "/a/b"], "/", false, ["/a", "/a/"]],
  ["an empty name where two slashes are", ["/a//b"], "/a", true, ["/a//", "/a//b"]],
] as const)("shows %s", (...[, keys, directory, recursive, shown]) => {
  expect(rows(keys, directory, recursive)).toEqual(shown);
});

test("every key is found again by going down one level at a time", () => {
  const key = fc
    .array(fc.constantFrom("a", "b", "ab", ""), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join("/")}`);
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 8 }), (keys) => {
      const walk = (directory: string): readonly string[] =>
        deriveKeyRows(keys, { directory, recursive: false }).flatMap((row) =>
          row.directory ? walk(`${row.key}/`) : [row.key],
        );
      expect(walk("/").toSorted()).toEqual(keys.toSorted());
    }),
  );
});
