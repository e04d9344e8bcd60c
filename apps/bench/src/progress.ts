const QUIET_MS = 2_000;

/** Says on stderr what goes on, where that takes longer than two seconds, and no more often. */
export function createProgress(say: (line: string) => void = sayOnStderr): (what: string) => void {
  let saidAt = performance.now();
  return (what) => {
    const now = performance.now();
    if (now - saidAt < QUIET_MS) return;
    saidAt = now;
    say(what);
  };
}

function sayOnStderr(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
