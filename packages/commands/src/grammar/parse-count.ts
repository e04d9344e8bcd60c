/**
 * A whole number of 0 or more.
 *
 * @throws {SyntaxError} as a flag parser of the grammar does
 */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new SyntaxError(`${JSON.stringify(text)} is not a whole number of 0 or more`);
  return Number(text);
}
