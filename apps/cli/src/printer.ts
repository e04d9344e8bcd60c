import type { View } from "@quarterdeck/commands";
import { z } from "zod";
import { escapeJson, escapeLine } from "./render/escape-text.ts";
import { progressLine } from "./render/progress-line.ts";
import { renderBlocks } from "./render/render-blocks.ts";
import type { Terminal } from "./terminal.ts";

/** Puts a command's updates on a terminal. */
export type Printer = {
  /** On stderr: a terminal's last line is written anew, elsewhere each change is a line. */
  progress(view: View): void;
  /** On stdout, at once. */
  lines(lines: readonly string[]): void;
  /** The answer on stdout, what went wrong on stderr; with JSON one document on stdout. Returns the exit code. */
  finish(view: View): number;
  /** Takes a progress line away. */
  clear(): void;
};

/** The part of a document that names what went wrong, for whoever looks for it in the logs. */
const failed = z.object({ error: z.object({ correlationId: z.string() }) });

export function createPrinter({ stdout, stderr, environment }: Terminal, output: "table" | "json"): Printer {
  let shown = "";
  const clear = (): void => {
    if (shown !== "" && stderr.isTerminal) stderr.write("\r\u001b[K");
    shown = "";
  };
  return {
    clear,
    progress(view) {
      const line = progressLine(view);
      if (line === shown || (output === "json" && !stderr.isTerminal)) return;
      // Cut to one row of the narrowest usual terminal: a line that wraps cannot be taken back.
      stderr.write(stderr.isTerminal ? `\r\u001b[K${Array.from(line).slice(0, 79).join("")}` : `${line}\n`);
      shown = line;
    },
    lines(lines) {
      clear();
      for (const line of lines) stdout.write(`${stdout.isTerminal ? escapeLine(line) : line}\n`);
    },
    finish(view) {
      clear();
      if (output === "json") {
        stdout.write(`${escapeJson(JSON.stringify(view.json, null, 2))}\n`);
        return view.exitCode;
      }
      // An answer that is an error belongs beside the answer's place, so that a pipe reads nothing that is not true.
      const to = view.exitCode === 0 || view.isAnswer === true ? stdout : stderr;
      to.write(renderBlocks(view.blocks, { escapes: to.isTerminal }));
      const failure = failed.safeParse(view.json);
      if (failure.success && environment["QUARTERDECK_DEBUG"] !== undefined)
        stderr.write(`id: ${escapeLine(failure.data.error.correlationId)}\n`);
      return view.exitCode;
    },
  };
}
