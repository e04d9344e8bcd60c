/**
 * A login name as useradd(8) allows it.
 *
 * @throws {SyntaxError} as a flag parser of the grammar does
 */
export function parseSshUser(text: string): string {
  if (!/^[a-z_][a-z0-9_.-]{0,31}$/.test(text))
    throw new SyntaxError(`${JSON.stringify(text)} is not a login name: a-z, 0-9, _ . -, at most 32`);
  return text;
}
