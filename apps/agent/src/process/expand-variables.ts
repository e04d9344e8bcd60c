/**
 * Puts variables into words: `${NAME}` anywhere in a word, `$NAME` as a word of its own, whose value is split at white space, `$$` for a
 * dollar. One that is not set is empty. Words are never split otherwise, and no shell reads them.
 * @see systemd.service(5) "COMMAND LINES"
 */
export function expandVariables(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const valueOf = (name: string): string => (Object.hasOwn(environment, name) ? (environment[name] ?? "") : "");
  return words.flatMap((word) => {
    const alone = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1];
    if (alone !== undefined)
      return valueOf(alone)
        .split(/\s+/)
        .filter((part) => part !== "");
    return [
      word.replaceAll(/\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\})/g, (_, name: string | undefined) =>
        name === undefined ? "$" : valueOf(name),
      ),
    ];
  });
}
