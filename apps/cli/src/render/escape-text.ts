/**
 * Control characters but tab, marks that turn or hide text, and foreign line ends: what the cluster says must not move the cursor, ring, or look
 * like something else.
 */
const UNSAFE = /(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line: line ends are escaped too. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, spell);
}

/** Several lines: line ends stay. */
export function escapeText(text: string): string {
  return text
    .split("\n")
    .map((line) => escapeLine(line.endsWith("\r") ? line.slice(0, -1) : line))
    .join("\n");
}

/** A JSON document: what JSON itself leaves alone is spelt as JSON spells it. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (character) =>
    character === "\n"
      ? character
      : unitsOf(character)
          .map((unit) => `\\u${hex(unit, 4)}`)
          .join(""),
  );
}

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}

/** UTF-16 code units, which is what a JSON escape holds. */
function unitsOf(character: string): readonly number[] {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
