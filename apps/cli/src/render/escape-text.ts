/**
 * Control characters (C0 but tab, DEL, C1) and the marks that turn or hide text: what the cluster says must not move the cursor, ring, or look like something else.
 */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

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
  return json.replace(UNSAFE, (character) => (character === "\n" ? character : `\\u${hex(character, 4)}`));
}

function spell(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
