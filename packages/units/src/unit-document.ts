/**
 * A unit file as read. Every character of the text belongs to exactly one item's `raw`, so joining them gives the text back,
 * byte for byte; `line` and `column` count from 1.
 */
export type UnitDocument = { readonly items: readonly UnitItem[] };

export type UnitItem =
  | { readonly kind: "blank" | "comment"; readonly raw: string }
  | { readonly kind: "section"; readonly raw: string; readonly name: string; readonly line: number }
  | Assignment;

/** `Key=value`; continuation lines are joined by a space and comments between them left out, as systemd reads it. */
export type Assignment = {
  readonly kind: "assignment";
  readonly raw: string;
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly column: number;
};

/** The text that was parsed. */
export function renderUnitFile(document: UnitDocument): string {
  return document.items.map((item) => item.raw).join("");
}

/** Section names in the order of their first header. */
export function sectionsOf(document: UnitDocument): readonly string[] {
  return [...new Set(document.items.flatMap((item) => (item.kind === "section" ? [item.name] : [])))];
}

/** All assignments of a section, which may have several headers, in order; resets are still among them. */
export function assignmentsIn(document: UnitDocument, section: string): readonly Assignment[] {
  return document.items.filter((item): item is Assignment => item.kind === "assignment" && item.section === section);
}

/** The assignments of a key that count: an empty value forgets those before it. @see systemd.syntax(7) */
export function assignmentsOf(document: UnitDocument, section: string, key: string): readonly Assignment[] {
  const all = assignmentsIn(document, section).filter((assignment) => assignment.key === key);
  return all.slice(all.findLastIndex((assignment) => assignment.value === "") + 1);
}

/** The values of a key that count, in order; see {@link assignmentsOf}. */
export function valuesOf(document: UnitDocument, section: string, key: string): readonly string[] {
  return assignmentsOf(document, section, key).map((assignment) => assignment.value);
}

/** The last value of a key, for keys that hold one; `null` when it is unset or was reset. */
export function valueOf(document: UnitDocument, section: string, key: string): string | null {
  return valuesOf(document, section, key).at(-1) ?? null;
}
