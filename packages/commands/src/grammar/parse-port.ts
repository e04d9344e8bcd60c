/**
 * A TCP port, 1 to 65535.
 *
 * @throws {SyntaxError} as a flag parser of the grammar does
 */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new SyntaxError(`${JSON.stringify(text)} is not a port, 1 to 65535`);
  return port;
}
