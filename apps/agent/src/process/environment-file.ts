/** Reads `NAME=value` lines: comments by `#` and `;`, quotes around a value, what is no assignment is passed over. @see systemd.exec(5) */
export function parseEnvironmentFile(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const line of text.replaceAll(/\\\n/g, "").split("\n")) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/.exec(line);
    if (match === null || /^\s*[#;]/.test(line)) continue;
    values[match[1] ?? ""] = unquote((match[2] ?? "").trim());
  }
  return values;
}

function unquote(text: string): string {
  const single = /^'([^']*)'$/.exec(text)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1];
  return double === undefined ? text : double.replaceAll(/\\(["\\`$])/g, "$1");
}
