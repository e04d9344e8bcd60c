import type { Terminal } from "../terminal.ts";

export type FakeTerminal = Terminal & { readonly out: () => string; readonly err: () => string };

/** A terminal that remembers; `isTerminal` says whether somebody sits at it. */
export function fakeTerminal(
  options: {
    readonly isTerminal?: boolean;
    readonly environment?: Record<string, string>;
    readonly workingDirectory?: string;
  } = {},
): FakeTerminal {
  const isTerminal = options.isTerminal ?? false;
  let out = "";
  let err = "";
  return {
    stdout: { isTerminal, write: (text) => void (out += text) },
    stderr: { isTerminal, write: (text) => void (err += text) },
    environment: options.environment ?? {},
    workingDirectory: options.workingDirectory ?? "/",
    ask: null,
    out: () => out,
    err: () => err,
  };
}
