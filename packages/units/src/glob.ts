import { refuse, succeed, type Result } from "@quarterdeck/model";
import { unitFault } from "./unit-fault.ts";

type Range = { readonly from: string; readonly to: string };
type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly Range[] };

/** A compiled pattern. */
export type Glob = {
  readonly pattern: string;
  readonly tokens: readonly Token[];
  /** What every match begins with; most names are told apart by it alone. */
  readonly prefix: string;
};

/** Compiles a pattern of Go's path.Match, the language of `Conflicts=`: `*` and `?` (neither matches `/`), `[a-z]`, `[^a-z]`, `\` before a literal. */
export function parseGlob(pattern: string): Result<Glob> {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  let index = 0;
  const literal = (): string | null => {
    if (characters[index] === "\\") index += 1;
    const character = characters[index];
    index += 1;
    return character ?? null;
  };
  while (index < characters.length) {
    const character = characters[index];
    if (character === "*" || character === "?") {
      tokens.push({ kind: character === "*" ? "star" : "any" });
      index += 1;
    } else if (character === "[") {
      index += 1;
      const parsed = parseClass();
      if (parsed === null)
        return refuse(
          unitFault(
            `${JSON.stringify(pattern)} has a [ that never ends well`,
            "write [a-z], or \\[ for the character itself",
          ),
        );
      tokens.push(parsed);
    } else {
      const found = literal();
      if (found === null)
        return refuse(unitFault(`${JSON.stringify(pattern)} ends in a lone backslash`, "write \\\\ for a backslash"));
      tokens.push({ kind: "literal", character: found });
    }
  }
  return succeed({ pattern, tokens, prefix: leadingLiterals(tokens) });

  function parseClass(): Token | null {
    const negated = characters[index] === "^";
    if (negated) index += 1;
    const ranges: Range[] = [];
    while (characters[index] !== "]" || ranges.length === 0) {
      const from = bound();
      if (from === null) return null;
      let to: string | null = from;
      if (characters[index] === "-") {
        index += 1;
        to = bound();
      }
      if (to === null) return null;
      ranges.push({ from, to });
    }
    index += 1;
    return { kind: "class", negated, ranges };
  }

  /** One end of a range; Go wants `-` and `]` escaped inside a class. */
  function bound(): string | null {
    const character = characters[index];
    return character === undefined || character === "-" || character === "]" ? null : literal();
  }
}

/** Whether the whole of `text` matches. Takes at most pattern × text steps: only the last star is ever tried again. */
export function matchGlob(glob: Glob, text: string): boolean {
  if (!text.startsWith(glob.prefix)) return false;
  const characters = Array.from(text);
  let token = 0;
  let index = 0;
  let star: { token: number; index: number } | null = null;
  while (index < characters.length) {
    const current = glob.tokens[token];
    const character = characters[index] ?? "";
    if (current?.kind === "star") {
      star = { token, index };
      token += 1;
    } else if (current !== undefined && matchesOne(current, character)) {
      token += 1;
      index += 1;
    } else if (star !== null && characters[star.index] !== "/") {
      star.index += 1;
      token = star.token + 1;
      index = star.index;
    } else {
      return false;
    }
  }
  while (glob.tokens[token]?.kind === "star") token += 1;
  return token === glob.tokens.length;
}

function leadingLiterals(tokens: readonly Token[]): string {
  const end = tokens.findIndex((token) => token.kind !== "literal");
  const literals = end < 0 ? tokens : tokens.slice(0, end);
  return literals.map((token) => (token.kind === "literal" ? token.character : "")).join("");
}

function matchesOne(token: Token, character: string): boolean {
  switch (token.kind) {
    case "star":
      return false;
    case "any":
      return character !== "/";
    case "literal":
      return character === token.character;
    case "class":
      return token.ranges.some(({ from, to }) => from <= character && character <= to) !== token.negated;
  }
}
