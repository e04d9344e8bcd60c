/** A piece of mrkdwn, ready to become a node. Text is literal: entities are resolved, nothing is markup any more. */
export type Span =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "bold" | "italic" | "strike" | "quote"; readonly spans: readonly Span[] }
  | { readonly kind: "code" | "pre"; readonly text: string }
  | { readonly kind: "link"; readonly url: string; readonly text: string }
  | { readonly kind: "mention"; readonly sigil: "@" | "#"; readonly id: string; readonly label: string | undefined }
  | { readonly kind: "date"; readonly unixSeconds: number; readonly format: string; readonly fallback: string };

/**
 * Fenced code, inline code, `<…>`, and styled words; the first alternative that fits wins. A style must begin at a word's
 * edge and end at one, as in Slack, so `snake_case_names` stay what they are.
 */
const TOKEN =
  /```\n?([^]*?)\n?```|`([^`\n]+)`|<([^<>\n]+)>|(?<![\w*])\*(?=\S)([^*\n]*\S)\*(?![\w*])|(?<!\w)_(?=\S)([^_\n]*\S)_(?!\w)|(?<!\w)~(?=\S)([^~\n]*\S)~(?!\w)/;

/** Reads Slack's mrkdwn. Never fails: what is no markup is text. */
export function parseMrkdwn(source: string): readonly Span[] {
  const spans: Span[] = [];
  let quoted: string[] = [];
  const endQuote = () => {
    if (quoted.length > 0) spans.push({ kind: "quote", spans: parseInline(quoted.join("\n")) });
    quoted = [];
  };
  let plain: string[] = [];
  const endPlain = () => {
    if (plain.length > 0) spans.push(...parseInline(plain.join("\n")));
    plain = [];
  };
  let fenced = false;
  for (const line of source.split("\n")) {
    const quote = fenced ? null : /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote === null) endQuote();
    else endPlain();
    (quote === null ? plain : quoted).push(quote?.[1] ?? line);
    if ((line.split("```").length - 1) % 2 === 1) fenced = !fenced;
  }
  endQuote();
  endPlain();
  return spans;
}

function parseInline(source: string): readonly Span[] {
  const match = TOKEN.exec(source);
  if (match === null) return text(source);
  const [whole, pre, code, angle, bold, italic, strike] = match;
  const before = text(source.slice(0, match.index));
  return [
    ...before,
    token({ pre, code, angle, bold, italic, strike }),
    ...parseInline(source.slice(match.index + whole.length)),
  ];
}

type Groups = Readonly<Record<"pre" | "code" | "angle" | "bold" | "italic" | "strike", string | undefined>>;

function token({ pre, code, angle, bold, italic, strike }: Groups): Span {
  if (pre !== undefined) return { kind: "pre", text: unescape(pre) };
  if (code !== undefined) return { kind: "code", text: unescape(code) };
  if (angle !== undefined) return control(angle);
  if (bold !== undefined) return { kind: "bold", spans: parseInline(bold) };
  if (italic !== undefined) return { kind: "italic", spans: parseInline(italic) };
  return { kind: "strike", spans: parseInline(strike ?? "") };
}

function control(body: string): Span {
  const [target = "", ...labels] = body.split("|");
  const label = labels.length === 0 ? undefined : unescape(labels.join("|"));
  if (/^[@#]/.test(target))
    return { kind: "mention", sigil: target.startsWith("#") ? "#" : "@", id: target.slice(1), label };
  const date = /^!date\^(\d+)\^([^^]*)/.exec(target);
  if (date !== null)
    return { kind: "date", unixSeconds: Number(date[1]), format: date[2] ?? "", fallback: label ?? "" };
  const group = /^!subteam\^(\w+)/.exec(target);
  if (group !== null) return { kind: "mention", sigil: "@", id: group[1] ?? "", label };
  if (target.startsWith("!")) return { kind: "mention", sigil: "@", id: target.slice(1), label };
  if (/^(?:https?|mailto):/i.test(target))
    return { kind: "link", url: unescape(target), text: label ?? unescape(target) };
  return { kind: "text", text: `<${unescape(body)}>` };
}

function text(source: string): readonly Span[] {
  return source === "" ? [] : [{ kind: "text", text: unescape(source) }];
}

function unescape(source: string): string {
  return source.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
