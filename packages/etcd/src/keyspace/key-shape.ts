import type { StoredValue } from "../port.ts";
import { decode, type Decoded } from "./decode.ts";
import type { Entry, KeyRange } from "./key.ts";
import { matchRange } from "./match-range.ts";
import { SortedPaths } from "./sorted-paths.ts";

type Unread = { readonly path: string; readonly error: Extract<Decoded<unknown>, { ok: false }>["error"] };
type Lists = { readonly entries: readonly Entry<unknown>[]; readonly unreadable: readonly Unread[] };

/** The keys of one shape in a table that somebody asked for: their order, what was decoded of them, and where each open segment occurs. */
export class KeyShape {
  readonly #range: KeyRange<unknown>;
  readonly #valueAt: (path: string) => StoredValue | undefined;
  readonly #paths = new SortedPaths();
  readonly #decoded = new Map<string, Decoded<unknown>>();
  /** By the number of an open segment: the paths that have a name there. Made when first asked for. */
  readonly #byName = new Map<number, Map<string, SortedPaths>>();
  #lists: Lists | null = null;

  constructor(range: KeyRange<unknown>, valueAt: (path: string) => StoredValue | undefined) {
    this.#range = range;
    this.#valueAt = valueAt;
  }

  is(range: KeyRange<unknown>): boolean {
    const own = this.#range.segments;
    return (
      range.schema === this.#range.schema &&
      range.segments.length === own.length &&
      range.segments.every((segment, index) => segment === own[index])
    );
  }

  added(path: string): void {
    const names = matchRange(this.#range, path);
    if (names === null) return;
    this.#lists = null;
    this.#paths.add(path);
    for (const [position, byName] of this.#byName) addTo(byName, names[position] ?? "", path);
  }

  changed(path: string): void {
    // What was never decoded in here is in no list either, unless it has another shape.
    if (this.#decoded.delete(path)) this.#lists = null;
  }

  removed(path: string): void {
    const names = matchRange(this.#range, path);
    if (names === null) return;
    this.#lists = null;
    this.#decoded.delete(path);
    this.#paths.delete(path);
    for (const [position, byName] of this.#byName) {
      const name = names[position] ?? "";
      const paths = byName.get(name);
      paths?.delete(path);
      if (paths?.size === 0) byName.delete(name);
    }
  }

  /** The same arrays until something in them changes. */
  lists(): Lists {
    return (this.#lists ??= this.#listsOf(this.#paths.all()));
  }

  /** The entries whose open segments are as asked for: positions, counted from 0, with the names there. */
  where(wanted: readonly (readonly [position: number, name: string])[]): readonly Entry<unknown>[] {
    const [first, ...rest] = wanted;
    if (first === undefined) return this.lists().entries;
    const paths = this.#indexOf(first[0]).get(first[1]);
    const { entries } = this.#listsOf(paths?.all() ?? []);
    return rest.length === 0
      ? entries
      : entries.filter(({ names }) => rest.every(([position, name]) => names[position] === name));
  }

  #listsOf(paths: Iterable<string>): Lists {
    const entries: Entry<unknown>[] = [];
    const unreadable: Unread[] = [];
    for (const path of paths) {
      const decoded = this.#decode(path);
      if (decoded?.ok === true) entries.push(decoded.entry);
      else if (decoded !== null) unreadable.push({ path, error: decoded.error });
    }
    return { entries, unreadable };
  }

  #decode(path: string): Decoded<unknown> | null {
    let decoded = this.#decoded.get(path);
    if (decoded === undefined) {
      const stored = this.#valueAt(path);
      if (stored === undefined) return null;
      decoded = decode(stored, this.#range.schema, matchRange(this.#range, path) ?? []);
      this.#decoded.set(path, decoded);
    }
    return decoded;
  }

  #indexOf(position: number): Map<string, SortedPaths> {
    let byName = this.#byName.get(position);
    if (byName !== undefined) return byName;
    this.#byName.set(position, (byName = new Map()));
    for (const path of this.#paths.all()) addTo(byName, matchRange(this.#range, path)?.[position] ?? "", path);
    return byName;
  }
}

function addTo(byName: Map<string, SortedPaths>, name: string, path: string): void {
  let paths = byName.get(name);
  if (paths === undefined) byName.set(name, (paths = new SortedPaths()));
  paths.add(path);
}
