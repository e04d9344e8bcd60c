import { CodedError } from "@quarterdeck/model";
import type { Change, Snapshot, Unreadable } from "../client.ts";
import type { StoredValue } from "../port.ts";
import { covers } from "./covers.ts";
import { decode } from "./decode.ts";
import type { Entry, Key, KeyRange, Revision } from "./key.ts";
import { matchRange } from "./match-range.ts";

/** Values of some prefixes at one revision, indexed by their first segment; the body of snapshots and mirrors. */
export class KeyTable implements Snapshot {
  readonly #prefixes: readonly string[];
  readonly #groups = new Map<string, Group>();
  #revision: Revision = 0n;

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  static of(prefixes: readonly string[], revision: Revision, values: Iterable<StoredValue>): KeyTable {
    const table = new KeyTable(prefixes);
    for (const value of values) table.#groupOf(value.path).set(value);
    table.#revision = revision;
    return table;
  }

  get revision(): Revision {
    return this.#revision;
  }

  apply(revision: Revision, changes: readonly Change[]): void {
    for (const { path, json, createRevision, modRevision } of changes) {
      if (json === null) this.#groupOf(path).delete(path);
      else this.#groupOf(path).set({ path, json, createRevision, modRevision });
    }
    this.#revision = revision;
  }

  *values(): Iterable<StoredValue> {
    for (const group of this.#groups.values()) yield* group.sorted();
  }

  get<Value>(key: Key<Value>): Entry<Value> | null {
    this.#mustCover(key.path);
    const stored = this.#groupOf(key.path).get(key.path);
    if (stored === null) return null;
    const decoded = decode(stored, key.schema, []);
    if (!decoded.ok) throw decoded.error;
    return decoded.entry;
  }

  list<Value>(range: KeyRange<Value>): readonly Entry<Value>[] {
    const entries: Entry<Value>[] = [];
    for (const [, decoded] of this.#decoded(range)) if (decoded.ok) entries.push(decoded.entry);
    return entries;
  }

  unreadable<Value>(range: KeyRange<Value>): readonly Unreadable[] {
    const unreadable: Unreadable[] = [];
    for (const [path, decoded] of this.#decoded(range))
      if (!decoded.ok) unreadable.push({ path, error: decoded.error });
    return unreadable;
  }

  *#decoded<Value>(range: KeyRange<Value>) {
    this.#mustCover(range.path);
    for (const stored of this.#groupOf(range.path).sorted()) {
      const names = matchRange(range, stored.path);
      if (names !== null) yield [stored.path, decode(stored, range.schema, names)] as const;
    }
  }

  #mustCover(path: string): void {
    if (covers(this.#prefixes, path)) return;
    throw new CodedError("INTERNAL", {
      message: `${path} was asked of a view that holds only ${this.#prefixes.join(", ")}`,
    });
  }

  #groupOf(path: string): Group {
    const name = path.slice(0, (path.indexOf("/") + 1 || path.length + 1) - 1);
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Group()));
    return group;
  }
}

/** Keeps key order, sorted again only after keys came or went. */
class Group {
  readonly #values = new Map<string, StoredValue>();
  #order: readonly string[] | null = null;

  get(path: string): StoredValue | null {
    return this.#values.get(path) ?? null;
  }

  set(value: StoredValue): void {
    if (!this.#values.has(value.path)) this.#order = null;
    this.#values.set(value.path, value);
  }

  delete(path: string): void {
    if (this.#values.delete(path)) this.#order = null;
  }

  *sorted(): Iterable<StoredValue> {
    this.#order ??= [...this.#values.keys()].sort(byteOrder);
    for (const path of this.#order) {
      const value = this.#values.get(path);
      if (value !== undefined) yield value;
    }
  }
}

const byteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
