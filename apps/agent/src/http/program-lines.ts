import { spawn } from "node:child_process";
import { CodedError } from "@quarterdeck/model";

/** A line that is longer comes in pieces of this size: an entry of hundreds of megabytes must not become one string. */
const LONGEST_LINE_BYTES = 1 << 20;
const LINE_FEED = 10;

export type Program = {
  readonly file: string;
  readonly argv: readonly string[];
  /** Whether an exit code other than 0 is no failure, by what it said on stderr. @default never */
  readonly isFine?: (exitCode: number, complaint: string) => boolean;
};

/**
 * What a program prints, line by line. It is read only as fast as the caller takes lines: a caller who stops stops the program, which then waits in its
 * own write. Leaving the loop, or the signal, ends the program.
 * @throws {CodedError} FAILED, with its last words, when it does not start or ends with an error
 */
export async function* programLines(
  { file, argv, isFine = () => false }: Program,
  signal: AbortSignal,
): AsyncIterable<string> {
  const child = spawn(file, argv, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | Error | null>((resolve) => {
    child.on("error", resolve);
    child.on("close", resolve);
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-500);
  });
  const kill = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  try {
    yield* linesOf(child.stdout as AsyncIterable<Buffer>);
    const end = await ended;
    if (signal.aborted || end === 0 || (typeof end === "number" && isFine(end, complaint))) return;
    const detail = end instanceof Error ? end.message : complaint.trim() || `it ended with ${end ?? "a signal"}`;
    throw new CodedError("FAILED", { message: `${file} failed: ${detail}` }, { cause: end });
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, at)]).toString("utf8");
      parts = [];
      size = 0;
      from = at + 1;
    }
    if (from < chunk.length) {
      parts.push(chunk.subarray(from));
      size += chunk.length - from;
    }
    if (size >= LONGEST_LINE_BYTES) {
      yield Buffer.concat(parts).toString("utf8");
      parts = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(parts).toString("utf8");
}
