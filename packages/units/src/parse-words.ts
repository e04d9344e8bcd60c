import { refuse, succeed, type Problem, type Result } from "@quarterdeck/model";
import { isSpace } from "./strip-space.ts";
import { unitFault } from "./unit-fault.ts";

/** `decode` turns C escapes into what they stand for; `keep` leaves backslashes alone, for patterns that have a use for them. */
export type EscapeMode = "decode" | "keep";

/** Splits a value into words as systemd does: white space separates, single or double quotes group. @see systemd.syntax(7) "QUOTING" */
export function parseWords(text: string, escapes: EscapeMode = "decode"): Result<readonly string[]> {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\\") {
      const escape: Escape | null =
        escapes === "decode" ? readEscape(text, index) : { value: text.slice(index, index + 2), length: 2 };
      if (escape === null) return refuse(badEscape(text.slice(index, index + 4)));
      word = (word ?? "") + escape.value;
      index += escape.length - 1;
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word = (word ?? "") + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (isSpace(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== null)
    return refuse(unitFault(`a ${quote} is never closed in ${JSON.stringify(text)}`, `add a ${quote}`));
  if (word !== null) words.push(word);
  return succeed(words);
}

type Escape = { readonly value: string; readonly length: number };

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  s: " ",
};
const CODED = /(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

function readEscape(text: string, at: number): Escape | null {
  const simple = SIMPLE[text.charAt(at + 1)];
  if (simple !== undefined) return { value: simple, length: 2 };
  CODED.lastIndex = at + 1;
  const match = CODED.exec(text);
  if (match === null) return null;
  const [whole, hex, short, long, octal] = match;
  const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "", 16) : Number.parseInt(octal, 8);
  // \x and octal escapes above 7 bits are single bytes of UTF-8, which only make sense together; nobody writes them.
  const limit = hex !== undefined || octal !== undefined ? 0x7f : 0x10ffff;
  if (code === 0 || code > limit || (code >= 0xd800 && code <= 0xdfff)) return null;
  return { value: String.fromCodePoint(code), length: 1 + whole.length };
}

function badEscape(escape: string): Problem {
  return unitFault(`${JSON.stringify(escape)} begins no escape that systemd knows`, "write \\\\ for a backslash");
}
