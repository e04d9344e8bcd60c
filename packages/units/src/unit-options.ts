import { lexUnitOptions } from "./lex-unit-options.ts";
import { parseUnitFile } from "./parse-unit-file.ts";

/** One line of a unit file as fleet's API carries it; the value keeps the backslashes and ends of line of its continuation lines. */
export type UnitOption = { readonly section: string; readonly name: string; readonly value: string };

/**
 * A unit file as a list of options, read as fleet's own clients read their files, so that both sides see the same list. Comments are not part of it.
 * Text that those clients would understand otherwise than systemd does (a comment between continuation lines) is read as systemd reads it. Text that is
 * no unit file has no options.
 */
export function parseUnitOptions(text: string): readonly UnitOption[] {
  const meant = meaningOf(text);
  const read = lexUnitOptions(text);
  return read !== null && sameOptions(meaningOf(renderUnitOptions(read)), meant) ? read : meant;
}

/** The text of a list of options: a header for each section in the order in which they first come, sections apart by a blank line. */
export function renderUnitOptions(options: readonly UnitOption[]): string {
  const sections = Map.groupBy(options, ({ section }) => section);
  return [...sections]
    .map(([section, lines]) => `[${section}]\n${lines.map(({ name, value }) => `${name}=${value}\n`).join("")}`)
    .join("\n");
}

/**
 * Whether the options say the same after they were written to a file. Not so for what would become more than its own line there: an end of line in a
 * name, or in a value without a backslash before it.
 */
export function areWritable(options: readonly UnitOption[]): boolean {
  const read = lexUnitOptions(renderUnitOptions(options));
  return read !== null && sameOptions(read, [...Map.groupBy(options, ({ section }) => section).values()].flat());
}

/** What systemd takes the text for: values on one line each, without comments. */
function meaningOf(text: string): readonly UnitOption[] {
  const document = parseUnitFile(text);
  if (!document.ok) return [];
  return document.value.items.flatMap((item) =>
    item.kind === "assignment" ? [{ section: item.section, name: item.key, value: item.value }] : [],
  );
}

function sameOptions(some: readonly UnitOption[], others: readonly UnitOption[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ section, name, value }, index) => {
      const other = others[index];
      return other?.section === section && other.name === name && other.value === value;
    })
  );
}
