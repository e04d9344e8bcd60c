const LONGEST = 200;

/**
 * A pattern for journalctl's `--grep`, at most 200 characters without control characters; journalctl says what else is wrong with one.
 * @throws {SyntaxError} as a flag parser of the grammar does
 */
export function parseGrep(text: string): string {
  if (text !== "" && text.length <= LONGEST && !/\p{Cc}/u.test(text)) return text;
  throw new SyntaxError(`a pattern has 1 to ${LONGEST} printable characters`);
}
