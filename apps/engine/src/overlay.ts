import {
  ranges,
  type Entry,
  type Key,
  type KeyRange,
  type Operation,
  type Revision,
  type Snapshot,
} from "@quarterdeck/etcd";
import { z } from "zod";

/** A mirror with this leader's own writes on top, until the mirror shows them itself. */
export type Overlay = Snapshot & {
  /** Takes over what a transaction wrote, committed at `revision`. */
  apply(operations: readonly Operation[], revision: Revision): void;
  /** Drops what the mirror shows by now. */
  settle(): void;
};

type Written = {
  readonly path: string;
  /** Null for a deletion. */
  readonly json: string | null;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  decoded: { readonly schema: z.ZodType; readonly value: unknown } | null;
};

/**
 * Lets a leader decide from what it has just written without waiting for etcd to tell it: a watch over many keys takes its time. It adds
 * no risk, since every write is conditioned on the revisions that it was decided from.
 */
export function createOverlay(mirror: Snapshot): Overlay {
  const written = new Map<string, Written>();
  return {
    get revision() {
      return mirror.revision;
    },
    apply(operations, revision) {
      for (const operation of operations) {
        const { path } = operation;
        const json = operation.kind === "put" ? operation.json : null;
        written.set(path, {
          path,
          json,
          createRevision: createRevisionOf(path) ?? revision,
          modRevision: revision,
          decoded: null,
        });
      }
    },
    settle() {
      for (const [path, { modRevision }] of written) if (mirror.revision >= modRevision) written.delete(path);
    },
    get<Value>(key: Key<Value>): Entry<Value> | null {
      const own = written.get(key.path);
      return own === undefined ? mirror.get(key) : decode(own, key.schema, []);
    },
    list<Value>(range: KeyRange<Value>): readonly Entry<Value>[] {
      const stored = mirror.list(range);
      const own = [...written.values()].flatMap((one) => {
        const names = matchSegments(range, one.path);
        const entry = names === null ? null : decode(one, range.schema, names);
        return entry === null ? [] : [entry];
      });
      if (own.length === 0 && !stored.some(({ path }) => written.has(path))) return stored;
      return [...stored.filter(({ path }) => !written.has(path)), ...own].sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    unreadable: (range) => {
      const stored = mirror.unreadable(range);
      return stored.some(({ path }) => written.has(path)) ? stored.filter(({ path }) => !written.has(path)) : stored;
    },
  };

  /** Of a key that is there already, by this leader's last word or by the mirror's. */
  function createRevisionOf(path: string): Revision | null {
    const own = written.get(path);
    if (own !== undefined) return own.json === null ? null : own.createRevision;
    // Entries of the audit log are written and never read: of it the mirror holds the end alone.
    if (matchSegments(ranges.audit, path) !== null) return null;
    return mirror.get({ path, schema: ANYTHING })?.createRevision ?? null;
  }
}

const ANYTHING = z.unknown();

function decode<Value>(own: Written, schema: z.ZodType<Value>, names: readonly string[]): Entry<Value> | null {
  if (own.json === null) return null;
  // The same object each time: callers tell by identity that nothing changed.
  if (own.decoded?.schema !== schema) own.decoded = { schema, value: schema.parse(JSON.parse(own.json)) };
  const { path, createRevision, modRevision } = own;
  return { path, names, value: own.decoded.value as Value, createRevision, modRevision };
}

function matchSegments(range: KeyRange<unknown>, path: string): readonly string[] | null {
  const segments = path.split("/");
  if (segments.length !== range.segments.length) return null;
  if (!range.segments.every((wanted, index) => wanted === null || wanted === segments[index])) return null;
  return segments.filter((_, index) => range.segments[index] === null);
}
