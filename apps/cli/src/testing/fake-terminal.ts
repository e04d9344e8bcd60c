import type { Terminal } from "../terminal.ts";

export type FakeTerminal = Terminal & { readonly out: () => string; readonly err: () => string };

/** A terminal that remembers; `isTerminal` says whether somebody sits at it. */
export function fakeTerminal(
  options: {
    readonly isTerminal?: boolean;
    readonly environment?: Record<string, string>;
    readonly workingDirectory?: string;
    readonly stdin?: readonly Uint8Array[];
  } = {},
): FakeTerminal {
  const isTerminal = options.isTerminal ?? false;
  let out = "";
  let err = "";
  return {
    stdout: { isTerminal, write: (text) => void (out += text) },
    stderr: { isTerminal, write: (text) => void (err += text) },
    stdin: chunksOf(options.stdin ?? []),
    environment: options.environment ?? {},
    workingDirectory: options.workingDirectory ?? "/",
    ask: null,
    out: () => out,
    err: () => err,
  };
}

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
}
