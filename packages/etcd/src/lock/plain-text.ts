/** Line ends and other control characters, and those that turn the direction of writing: a name must not repaint a terminal or forge a line. */
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** Text from anybody as one line of at most `most` characters (UTF-16 units, whole code points). */
export function plainText(text: string, most: number): string {
  const line = text
    .slice(0, most * 4)
    .toWellFormed()
    .replaceAll(UNFIT, " ")
    .trim();
  if (line.length <= most) return line;
  return `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
