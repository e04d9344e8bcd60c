import { createInterface } from "node:readline/promises";

/** What a program sees of a terminal; a test has one of its own. */
export type Terminal = {
  readonly stdout: Out;
  readonly stderr: Out;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bytes, to their end. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** The folder that unit files are looked for in. */
  readonly workingDirectory: string;
  /** Asks yes or no; `null` when nobody is there to answer. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<boolean>) | null;
};

type Out = { readonly write: (text: string) => void; readonly isTerminal: boolean };

export function processTerminal(): Terminal {
  const out = (stream: NodeJS.WriteStream): Out => {
    // A reader that went away (`fleet … | head -1`) is not a failure of ours.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
    return { write: (text) => void stream.write(text), isTerminal: stream.isTTY === true };
  };
  const canAsk = process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    stdout: out(process.stdout),
    stderr: out(process.stderr),
    stdin: process.stdin,
    environment: process.env,
    workingDirectory: process.cwd(),
    ask: canAsk ? askOnTerminal : null,
  };
}

async function askOnTerminal(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    lines.close();
  }
}
