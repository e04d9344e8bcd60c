import type { z } from "zod";
import type { Key, KeyRange } from "./key.ts";
import { matchRange } from "./match-range.ts";
import type { Segment } from "./segment.ts";

/** All keys of one shape with one open segment: `units/*`. */
export type Family<Value, Id, Name extends string> = {
  readonly key: (id: Id) => Key<Value>;
  readonly all: KeyRange<Value, Name>;
  /** Null for a path of another shape, or with a segment that is none. */
  readonly parse: (path: string) => readonly [Id] | null;
};

/** All keys of one shape with two open segments: `schedule/*` + `/*`. */
export type FamilyOfTwo<Value, Ids extends readonly [unknown, unknown], Names extends string> = {
  readonly key: (...ids: Ids) => Key<Value>;
  readonly all: KeyRange<Value, Names>;
  readonly below: (first: Ids[0]) => KeyRange<Value>;
  readonly parse: (path: string) => Ids | null;
};

/** `pattern` has a `*` for the open segment. */
export function family<Value, Id, Name extends string>(
  pattern: string,
  schema: z.ZodType<Value>,
  segment: Segment<Id, Name>,
): Family<Value, Id, Name> {
  const all = rangeOf(segmentsOf(pattern), schema, [segment.name]);
  return {
    all,
    key: (id) => ({ path: fill(all.segments, segment.write(id)).join("/"), schema }),
    parse: (path) => {
      const [name] = matchRange(all, path) ?? [];
      const id = name === undefined ? null : segment.read(name);
      return id === null ? null : [id];
    },
  };
}

/** `pattern` has a `*` for each open segment. */
export function familyOfTwo<Value, First, Second, FirstName extends string, SecondName extends string>(
  pattern: string,
  schema: z.ZodType<Value>,
  [first, second]: readonly [Segment<First, FirstName>, Segment<Second, SecondName>],
): FamilyOfTwo<Value, readonly [First, Second], FirstName | SecondName> {
  const all = rangeOf<Value, FirstName | SecondName>(segmentsOf(pattern), schema, [first.name, second.name]);
  return {
    all,
    key: (one, two) => ({ path: fill(all.segments, first.write(one), second.write(two)).join("/"), schema }),
    below: (one) => rangeOf(fill(all.segments, first.write(one)), schema, [second.name]),
    parse: (path) => {
      const [one, two] = matchRange(all, path) ?? [];
      if (one === undefined || two === undefined) return null;
      const ids = [first.read(one), second.read(two)] as const;
      return ids[0] === null || ids[1] === null ? null : [ids[0], ids[1]];
    },
  };
}

type Segments = readonly (string | null)[];

const segmentsOf = (pattern: string): Segments =>
  pattern.split("/").map((segment) => (segment === "*" ? null : segment));

/** Names go into open segments as they are: one that looks like a pattern is only a name. */
function fill(segments: Segments, ...names: readonly string[]): Segments {
  const left = [...names];
  return segments.map((segment) => segment ?? left.shift() ?? null);
}

function rangeOf<Value, Names extends string>(
  segments: Segments,
  schema: z.ZodType<Value>,
  names: readonly Names[],
): KeyRange<Value, Names> {
  const path = segments.slice(0, segments.indexOf(null)).map((segment) => `${segment}/`);
  return { path: path.join(""), segments, schema, names };
}
