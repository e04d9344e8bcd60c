import { refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import { isSpace, stripSpace } from "./strip-space.ts";
import type { UnitDocument, UnitItem } from "./unit-document.ts";
import { unitFault } from "./unit-fault.ts";

/**
 * Reads a unit file as systemd does, but refuses what systemd would only warn about and skip.
 * The message of a refusal carries line and column.
 * @see systemd.syntax(7)
 */
export function parseUnitFile(text: string): Result<UnitDocument> {
  const unreadable = findUnreadable(text);
  if (unreadable !== null) return refuse(unreadable);
  const items: UnitItem[] = [];
  let section: string | null = null;
  for (const logical of logicalLines(text)) {
    const item = parseLogicalLine(logical, section);
    if (!item.ok) return item;
    if (item.value.kind === "section") section = item.value.name;
    items.push(item.value);
  }
  return succeed({ items });
}

/** One line as systemd sees it: continuation lines joined, comments between them gone. */
type LogicalLine = { readonly raw: string; readonly text: string; readonly line: number; readonly comment: boolean };

/** All the ends of line that systemd knows; a carriage return alone is one too, so nothing can hide behind it. */
const PHYSICAL_LINE = /([^\r\n]*)(\r\n|\n\r|\r|\n|$)/gy;

function* logicalLines(text: string): Generator<LogicalLine> {
  let open: { raw: string; text: string; line: number } | null = null;
  let line = 0;
  for (const [raw, content = ""] of text.matchAll(PHYSICAL_LINE)) {
    if (raw === "") break;
    line += 1;
    const visible = line === 1 && content.startsWith("\uFEFF") ? content.slice(1) : content;
    if (isComment(visible)) {
      if (open === null) yield { raw, text: visible, line, comment: true };
      else open.raw += raw;
      continue;
    }
    const joined: { raw: string; text: string; line: number } = open ?? { raw: "", text: "", line };
    joined.raw += raw;
    if (endsEscaped(visible)) {
      joined.text += `${visible.slice(0, -1)} `;
      open = joined;
      continue;
    }
    joined.text += visible;
    open = null;
    yield { ...joined, comment: false };
  }
  if (open !== null) yield { ...open, comment: false };
}

function parseLogicalLine(logical: LogicalLine, section: string | null): Result<UnitItem> {
  const { raw, line } = logical;
  if (logical.comment) return succeed({ kind: "comment", raw });
  const text = stripSpace(logical.text);
  if (text === "") return succeed({ kind: "blank", raw });
  const at = { line, column: indentOf(logical.text) + 1 };
  if (text.startsWith("[")) {
    if (!text.endsWith("]"))
      return refuse(
        unitFault(`section header ${JSON.stringify(text)} has no closing ]`, `[${text.slice(1).trim()}]`, at),
      );
    const name = text.slice(1, -1);
    if (!/^[^\p{Cc}"'\\[\]]+$/u.test(name))
      return refuse(unitFault(`${JSON.stringify(name)} is not a section name`, "[Service]", at));
    return succeed({ kind: "section", raw, name, line });
  }
  if (section === null)
    return refuse(
      unitFault(
        `${JSON.stringify(shorten(text))} stands before the first section header`,
        "put it below a header such as [Unit]",
        at,
      ),
    );
  const equals = text.indexOf("=");
  if (equals < 0)
    return refuse(
      unitFault(`${JSON.stringify(shorten(text))} has no =`, "write Key=value, or begin a comment with #", at),
    );
  const key = stripSpace(text.slice(0, equals));
  if (key === "") return refuse(unitFault("no key before the =", "write Key=value", at));
  return succeed({ kind: "assignment", raw, section, key, value: stripSpace(text.slice(equals + 1)), ...at });
}

function isComment(content: string): boolean {
  const first = content.charAt(indentOf(content));
  return first === "#" || first === ";";
}

function indentOf(content: string): number {
  let index = 0;
  while (isSpace(content.charAt(index))) index += 1;
  return index;
}

/** An odd number of backslashes at the end: the last one continues the line. */
function endsEscaped(content: string): boolean {
  let count = 0;
  while (count < content.length && content[content.length - 1 - count] === "\\") count += 1;
  return count % 2 === 1;
}

function findUnreadable(text: string): Problem | null {
  const nul = text.indexOf("\0");
  if (nul >= 0) return unitFault("a NUL character", "save the file as plain UTF-8 text", positionOf(text, nul));
  if (text.isWellFormed()) return null;
  return unitFault("text that is not Unicode (a lone surrogate)", "save the file as plain UTF-8 text");
}

function positionOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split(/\r\n|\n\r|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
