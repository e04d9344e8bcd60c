import { CodedError } from "@quarterdeck/model";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { families } from "./families.ts";
import type { Key, KeyRange } from "./key.ts";
import { keys, ranges } from "./keys.ts";
import { matchRange } from "./match-range.ts";
import { parseKey } from "./parse-key.ts";

// A limit by the work and not by the clock: a second for each of 200 runs of a property.
vi.setConfig({ testTimeout: 200_000 });

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const machine = hex(32);
const unit = fc.stringMatching(/^[a-zA-Z0-9:_.@-]{1,200}\.(service|timer)$/);
const service = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9:_.-]{0,127}$/);
const rollout = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,40}-[0-9]{1,9}-[0-9a-f]{8}$/);
const lease = fc.stringMatching(/^[1-9a-f][0-9a-f]{0,15}$/);
const scope = fc.stringMatching(/^[a-z0-9:*_-]{1,40}$/);

/** Names that each family takes. */
const named: Readonly<Record<keyof typeof families, fc.Arbitrary<readonly (string | number)[]>>> = {
  request: fc.tuple(
    fc.oneof(
      fc.constantFrom("bot", "engine", "root"),
      fc.stringMatching(/^operator:[a-zA-Z0-9_.@-]{1,64}$/),
      machine.map((id) => `machine:${id}`),
    ),
    fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/),
  ),
  presence: fc.tuple(machine),
  state: fc.tuple(machine, unit),
  machine: fc.tuple(machine),
  unitFile: fc.tuple(hex(64)),
  unit: fc.tuple(unit),
  status: fc.tuple(unit),
  schedule: fc.tuple(machine, unit),
  service: fc.tuple(service),
  release: fc.tuple(service, fc.integer({ min: 1, max: 999_999_999 })),
  rollout: fc.tuple(rollout),
  relocation: fc.tuple(fc.stringMatching(/^(drain|rebalance)-[0-9a-f]{16}$/)),
  approval: fc.tuple(rollout, fc.stringMatching(/^[A-Za-z0-9_.:@-]{3,128}$/)),
  lock: fc.tuple(scope),
  lockClaim: fc.tuple(scope, lease),
  freeze: fc.tuple(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/)),
  audit: fc.tuple(fc.integer({ min: 1, max: 999_999_999_999 })),
  rebootGroup: fc.tuple(fc.stringMatching(/^[a-zA-Z0-9-][a-zA-Z0-9.-]{2,127}$/)),
  leader: fc.tuple(lease),
};

/** What people and networks send. */
const hostile = fc.oneof(
  fc.constantFrom(
    "",
    ".",
    "..",
    "/",
    "a/b",
    "../../epoch",
    "a\0b",
    "a\nb",
    "\u007f",
    "\u0085",
    "*",
    "**",
    "\ud800",
    "a\udc00",
  ),
  fc.constantFrom(
    "\u202eecivres",
    "\u200b",
    "\u2028",
    "x".repeat(257),
    "é".repeat(200),
    "%2f",
    "a\\b",
    "日本",
    "\u{1f600}",
  ),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ maxLength: 20 }),
);

type Any = {
  readonly key: (...names: readonly never[]) => Key<unknown>;
  readonly all: KeyRange<unknown>;
  readonly below?: (first: never) => KeyRange<unknown>;
  readonly parse: (path: string) => readonly unknown[] | null;
};

describe.each(Object.entries<Any>(families))("%s", (kind, family) => {
  const pattern = family.all.segments;
  const open = pattern.filter((segment) => segment === null).length;
  const build = (names: readonly unknown[]): string => family.key(...(names as never[])).path;

  test("a key is taken apart into the very names it was built of, and is in its own range", () => {
    fc.assert(
      fc.property(named[kind as keyof typeof families], (names) => {
        const path = build(names);
        expect(family.parse(path)).toEqual(names);
        expect(parseKey(path)).toEqual({ kind, names });
        expect(matchRange(family.all, path)?.length).toBe(open);
        expect(path.startsWith(family.all.path)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test("no name leaves its segment: it is refused, or the key has the family's shape and nothing else's", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: open, maxLength: open }), (names) => {
        let path: string;
        try {
          path = build(names);
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError);
          expect((error as CodedError).code).toBe("ETCD_INVALID_KEY");
          return;
        }
        const segments = path.split("/");
        expect(segments.length).toBe(pattern.length);
        for (const [index, segment] of segments.entries()) {
          expect(["", ".", ".."]).not.toContain(segment);
          if (pattern[index] !== null) expect(segment).toBe(pattern[index]);
        }
        expect(path.isWellFormed()).toBe(true);
        expect(path).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(Buffer.byteLength(path)).toBeLessThanOrEqual(1024);
      }),
      { numRuns: 200 },
    );
  });

  test("a range of one name opens no other segment", () => {
    const { below } = family;
    if (below === undefined) return;
    fc.assert(
      fc.property(hostile, (name) => {
        let range: KeyRange<unknown>;
        try {
          range = below(name as never);
        } catch (error) {
          expect((error as CodedError).code).toBe("ETCD_INVALID_KEY");
          return;
        }
        expect(range.segments.filter((segment) => segment === null).length).toBe(open - 1);
        expect(range.path.startsWith(`${family.all.path}${name}/`)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test("text that no key of this family is, is taken for none", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (segments) => {
        const path = segments.join("/");
        const names = family.parse(path);
        if (names !== null) expect(build(names)).toBe(path);
      }),
      { numRuns: 200 },
    );
  });
});

test("numbers that are none, or do not fit, are refused", () => {
  for (const number of [-1, 1.5, NaN, Infinity, 1e12]) expect(() => keys.audit(number)).toThrow(CodedError);
  expect(keys.audit(7).path).toBe("audit/000000000007");
});

test("what looks like a pattern is only a name", () => {
  expect(ranges.requestsOf("*" as never).segments).toEqual(["requests", "*", null]);
  expect(families.lockClaim.key("*", "ab").path).toBe("locks/*/ab");
});

test("the bot's names stay in the bot's place", () => {
  expect(keys.bot("messages", "C1.123", z.unknown()).path).toBe("bot/messages/C1.123");
  expect(() => keys.bot("messages", "../../epoch", z.unknown())).toThrow(CodedError);
});
