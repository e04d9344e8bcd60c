import { refuse, succeed, type Result } from "@quarterdeck/model";

/** `textBlock` is what stood between the first pair of ``` marks, or `null`; it is data and never becomes a word. */
export type Tokens = { readonly words: readonly string[]; readonly textBlock: string | null };

/**
 * Splits what a person typed into Slack after `/fleet` into words, the way a shell would quote and no further: no variables, globs or
 * escapes but `\"` and `\\`. Quotes may be curly. Slack's editors turn `--yes` into `—yes`: an em dash, en dash or single dash before a
 * long flag name is a double dash. Slack's own escapes (`&amp;`, `<https://…|label>`) are undone.
 *
 * Refuses with USAGE when a quote or a ``` block is left open.
 */
export function tokenize(text: string): Result<Tokens> {
  const block = splitBlock(text);
  if (!block.ok) return block;
  const words: string[] = [];
  const line = unescapeSlack(block.value.line);
  let at = 0;
  for (;;) {
    while (at < line.length && WHITESPACE.test(line[at] ?? "")) at += 1;
    if (at >= line.length) break;
    const word = readWord(line, at);
    if (!word.ok) return word;
    words.push(word.value.text);
    at = word.value.end;
  }
  return succeed({ words, textBlock: block.value.textBlock });
}

const FENCE = "```";
const WHITESPACE = /[\s\u00a0\u200b\ufeff]/;
const CLOSING: Readonly<Record<string, string>> = {
  '"': '"”“',
  "“": '”"',
  "„": '“”"',
  "”": '”"',
  "'": "'’",
  "‘": "’'",
  "’": "’'",
  "`": "`",
};
/** Hyphen, non-breaking hyphen, figure, en and em dash, bar, minus: all that an editor makes of `-`. */
const DASHES = /^[-‐‑‒–—―−]+/;

function splitBlock(text: string): Result<{ readonly line: string; readonly textBlock: string | null }> {
  const open = text.indexOf(FENCE);
  if (open < 0) return succeed({ line: text, textBlock: null });
  const close = text.indexOf(FENCE, open + FENCE.length);
  if (close < 0)
    return refuse({ code: "USAGE", message: "the ``` block is not closed", try: "end it with a line of ```" });
  const inner = unescapeSlack(text.slice(open + FENCE.length, close));
  // A first line like `ini` names the language, as in Markdown; a unit file's first line is never a bare word.
  const body = inner.replace(/^[a-z]*[ \t]*\r?\n/, "").replace(/\r\n/g, "\n");
  const textBlock = body.endsWith("\n") ? body : `${body}\n`;
  return succeed({ line: `${text.slice(0, open)} ${text.slice(close + FENCE.length)}`, textBlock });
}

function unescapeSlack(text: string): string {
  return text
    .replace(/<(?:mailto:|tel:|https?:\/\/)[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<((?:https?:\/\/)[^|>]*)>/g, "$1")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

function readWord(line: string, start: number): Result<{ readonly text: string; readonly end: number }> {
  let at = start;
  let text = "";
  const bare = CLOSING[line[start] ?? ""] === undefined;
  while (at < line.length && !WHITESPACE.test(line[at] ?? "")) {
    const character = line[at] ?? "";
    const closing = opensQuote(text, at === start) ? CLOSING[character] : undefined;
    if (closing === undefined) {
      text += character;
      at += 1;
      continue;
    }
    const quoted = readQuoted(line, at, closing);
    if (!quoted.ok) return quoted;
    text += quoted.value.text;
    at = quoted.value.end;
  }
  return succeed({ text: bare ? mendDashes(text) : text, end: at });
}

/** A quote counts at a word's start and after `=`, so that the apostrophe of `isn't` is a letter. */
function opensQuote(before: string, atStart: boolean): boolean {
  return atStart || before.endsWith("=");
}

function readQuoted(
  line: string,
  open: number,
  closing: string,
): Result<{ readonly text: string; readonly end: number }> {
  let text = "";
  for (let at = open + 1; at < line.length; at += 1) {
    const character = line[at] ?? "";
    const next = line[at + 1] ?? "";
    if (character === "\\" && (next === "\\" || closing.includes(next)) && next !== "") {
      text += next;
      at += 1;
    } else if (closing.includes(character)) {
      return succeed({ text, end: at + 1 });
    } else {
      text += character;
    }
  }
  return refuse({
    code: "USAGE",
    message: `the quote ${line[open] ?? ""} is not closed`,
    try: "close it, or leave it out",
  });
}

function mendDashes(word: string): string {
  const dashes = DASHES.exec(word)?.[0];
  if (dashes === undefined) return word;
  const rest = word.slice(dashes.length);
  if (/^[A-Za-z][A-Za-z-]/.test(rest)) return `--${rest}`;
  if (/^[A-Za-z]/.test(rest)) return `-${rest}`;
  if (rest === "" && dashes !== "-") return "--";
  return /^[–—−]$/.test(dashes) && /^[0-9]/.test(rest) ? `-${rest}` : word;
}
