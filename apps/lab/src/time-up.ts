/** The line for stderr when a command in a machine was stopped by its limit: 124 alone could be the command's own code. */
export function timeUp(argv: readonly string[], timeoutMs: number): string {
  return `lab: ${argv[0] ?? "the command"} was stopped: its time of ${timeoutMs / 1000} s was up; give it more with --timeout\n`;
}
