const SPACE = " \t\n\r";

/** Whether systemd counts the character as white space; Unicode's other spaces are ordinary characters to it. */
export function isSpace(character: string): boolean {
  return character !== "" && SPACE.includes(character);
}

/** Without leading and trailing white space. Loops, because a regular expression anchored at the end is quadratic on long runs of blanks. */
export function stripSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charAt(start))) start += 1;
  while (end > start && isSpace(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
