/**
 * What stands before a program's path: `-`, `@`, `:` and `|` once each, and one of `+`, `!` and `!!`. What comes twice belongs to the path.
 * @see systemd.service(5) "Special executable prefixes"
 */
export function execPrefixOf(word: string): string {
  const seen = new Set<string>();
  let end = 0;
  for (const character of word) {
    if (!"-@:|+!".includes(character)) break;
    const rights = character === "+" || character === "!";
    const doubled = character === "!" && word.charAt(end - 1) === "!" && word.charAt(end - 2) !== "!";
    if (!doubled && seen.has(rights ? "rights" : character)) break;
    seen.add(rights ? "rights" : character);
    end += 1;
  }
  return word.slice(0, end);
}
