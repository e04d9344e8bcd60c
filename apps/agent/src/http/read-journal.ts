import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { CodedError, type UnitName } from "@quarterdeck/model";
import { decodeJournal, type JournalLine } from "./decode-journal.ts";

export type JournalQuery = { readonly unit: UnitName; readonly lines: number; readonly follow: boolean };

/**
 * The unit's last lines and, with `follow`, those to come. Ends with journalctl, or by the signal, which ends journalctl.
 * @throws {CodedError} FAILED when journalctl does not start or ends with an error
 */
export async function* readJournal(
  { unit, lines, follow }: JournalQuery,
  signal: AbortSignal,
): AsyncIterable<JournalLine> {
  const argv = [
    "--output=json",
    "--all",
    "--no-pager",
    "--quiet",
    `--unit=${unit}`,
    `--lines=${lines}`,
    ...(follow ? ["--follow"] : []),
  ];
  const child = spawn("journalctl", argv, { stdio: ["ignore", "pipe", "pipe"] });
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
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      const entry = decodeJournal(line);
      if (entry !== null) yield entry;
    }
    const end = await ended;
    if (end === 0 || signal.aborted) return;
    const detail = end instanceof Error ? end.message : complaint.trim();
    throw new CodedError("FAILED", { message: `journalctl failed: ${detail}` });
  } finally {
    signal.removeEventListener("abort", kill);
    kill();
  }
}
