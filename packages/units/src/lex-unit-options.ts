import type { UnitOption } from "./unit-options.ts";

/**
 * Reads options by the rules of fleet's clients, which are not quite systemd's: a comment may only stand where an option could begin, and text before the
 * first section is passed over. `null` for what those clients refuse.
 * @see https://github.com/coreos/go-systemd, package unit
 */
export function lexUnitOptions(text: string): readonly UnitOption[] | null {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  const options: UnitOption[] = [];
  let section: string | null = null;
  let index = 0;
  while (index < lines.length) {
    const line = (lines[index] ?? "").trimStart();
    if (line === "") index += 1;
    else if (line.startsWith("#") || line.startsWith(";")) index = afterContinued(lines, index);
    else if (line.startsWith("[")) {
      const end = line.indexOf("]");
      if (end < 0 || line.slice(end + 1).trim() !== "") return null;
      section = line.slice(1, end);
      index += 1;
    } else if (section === null) index += 1;
    else {
      const equals = line.indexOf("=");
      if (equals < 0) return null;
      const { value, next } = readValue(lines, index, line.slice(equals + 1));
      options.push({ section, name: line.slice(0, equals).trim(), value });
      index = next;
    }
  }
  return options;
}

/** A comment that ends in a backslash takes the next line with it. */
function afterContinued(lines: readonly string[], from: number): number {
  let index = from;
  while (index < lines.length - 1 && /\\ ?$/.test(lines[index] ?? "")) index += 1;
  return index + 1;
}

/** `first` is what stands behind the `=`; a blank line ends a value too. */
function readValue(
  lines: readonly string[],
  from: number,
  first: string,
): { readonly value: string; readonly next: number } {
  let value = "";
  let index = from;
  let part = first;
  for (;;) {
    if (part.trim() === "") break;
    value += part;
    if (!part.endsWith("\\")) break;
    index += 1;
    if (index === lines.length) break;
    value += "\n";
    part = lines[index] ?? "";
  }
  const trimmed = value.trim();
  return { value: value.endsWith("\n") ? `${trimmed}\n` : trimmed, next: index + 1 };
}
