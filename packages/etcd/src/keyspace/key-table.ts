import { CodedError } from "@quarterdeck/model";
import type { Change, IndexedSnapshot, Unreadable } from "../client.ts";
import type { StoredValue } from "../port.ts";
import { covers } from "./covers.ts";
import { decode } from "./decode.ts";
import { KeyShape } from "./key-shape.ts";
import type { Entry, Key, KeyRange, Revision, Where } from "./key.ts";
import { SortedPaths } from "./sorted-paths.ts";

/**
 * Values of some prefixes at one revision; the body of snapshots and mirrors. A change costs what it changes: each shape that was ever listed keeps
 * its own order, indexes and decoded values up to date.
 */
export class KeyTable implements IndexedSnapshot {
  readonly #prefixes: readonly string[];
  readonly #values = new Map<string, StoredValue>();
  /** Made when first asked for: most snapshots are looked at by shapes alone, or not at all. */
  #paths: SortedPaths | null = null;
  /** By what stands before their first open segment. */
  readonly #shapes = new Map<string, KeyShape[]>();
  #revision: Revision = 0n;

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  static of(prefixes: readonly string[], revision: Revision, values: Iterable<StoredValue>): KeyTable {
    const table = new KeyTable(prefixes);
    // No shape was asked for yet that would have to hear of it.
    for (const value of values) table.#values.set(value.path, value);
    table.#revision = revision;
    return table;
  }

  get revision(): Revision {
    return this.#revision;
  }

  apply(revision: Revision, changes: readonly Change[]): void {
    for (const { path, json, createRevision, modRevision } of changes) {
      if (json === null) this.#delete(path);
      else this.#set({ path, json, createRevision, modRevision });
    }
    this.#revision = revision;
  }

  /** In key order. */
  *values(): Iterable<StoredValue> {
    for (const path of this.#sorted().all()) {
      const value = this.#values.get(path);
      if (value !== undefined) yield value;
    }
  }

  get<Value>(key: Key<Value>): Entry<Value> | null {
    this.#mustCover(key.path);
    const stored = this.#values.get(key.path);
    if (stored === undefined) return null;
    const decoded = decode(stored, key.schema, []);
    if (!decoded.ok) throw decoded.error;
    return decoded.entry;
  }

  list<Value>(range: KeyRange<Value>): readonly Entry<Value>[] {
    return this.#shapeOf(range).lists().entries as readonly Entry<Value>[];
  }

  listWhere<Value, Names extends string>(
    range: KeyRange<Value, Names>,
    where: Where<NoInfer<Names>>,
  ): readonly Entry<Value>[] {
    const wanted = Object.entries<string | undefined>(where).flatMap(([name, is]) => {
      if (is === undefined) return [];
      const position = (range.names ?? []).findIndex((own) => own === name);
      if (position < 0) throw new CodedError("INTERNAL", { message: `${range.path} has no segment named ${name}` });
      return [[position, is] as const];
    });
    return this.#shapeOf(range).where(wanted) as readonly Entry<Value>[];
  }

  unreadable<Value>(range: KeyRange<Value>): readonly Unreadable[] {
    return this.#shapeOf(range).lists().unreadable;
  }

  #set(value: StoredValue): void {
    const { path } = value;
    const isNew = !this.#values.has(path);
    this.#values.set(path, value);
    if (isNew) this.#paths?.add(path);
    for (const shape of this.#shapesFor(path)) {
      if (isNew) shape.added(path);
      else shape.changed(path);
    }
  }

  #delete(path: string): void {
    if (!this.#values.delete(path)) return;
    this.#paths?.delete(path);
    for (const shape of this.#shapesFor(path)) shape.removed(path);
  }

  *#shapesFor(path: string): Iterable<KeyShape> {
    if (this.#shapes.size === 0) return;
    for (let end = 0; ;) {
      yield* this.#shapes.get(path.slice(0, end)) ?? [];
      const slash = path.indexOf("/", end);
      if (slash < 0) return;
      end = slash + 1;
    }
  }

  #shapeOf(range: KeyRange<unknown>): KeyShape {
    this.#mustCover(range.path);
    const shapes = this.#shapes.get(range.path) ?? [];
    let shape = shapes.find((known) => known.is(range));
    if (shape === undefined) {
      shape = new KeyShape(range, (path) => this.#values.get(path));
      for (const path of this.#sorted().below(range.path)) shape.added(path);
      this.#shapes.set(range.path, [...shapes, shape]);
    }
    return shape;
  }

  #sorted(): SortedPaths {
    if (this.#paths === null) {
      this.#paths = new SortedPaths();
      for (const path of this.#values.keys()) this.#paths.add(path);
    }
    return this.#paths;
  }

  #mustCover(path: string): void {
    if (covers(this.#prefixes, path)) return;
    throw new CodedError("INTERNAL", {
      message: `${path} was asked of a view that holds only ${this.#prefixes.join(", ")}`,
    });
  }
}
