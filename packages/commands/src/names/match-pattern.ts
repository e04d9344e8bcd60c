import { matchGlob, parseGlob } from "@quarterdeck/units";

/** Whether a word is a pattern and not a name: no name has these characters. */
export function isPattern(word: string): boolean {
  return /[*?[]/.test(word);
}

/** A pattern over a whole name, in the language of `Conflicts=`; one that is malformed matches nothing. */
export function matchPattern(pattern: string, name: string): boolean {
  const glob = parseGlob(pattern);
  return glob.ok && matchGlob(glob.value, name);
}
