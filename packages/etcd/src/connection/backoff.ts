const FIRST_MS = 200;
const LAST_MS = 3_000;

/** Waiting time before try `failures` + 1: doubles from 0.2 s to 3 s, jittered by half so that a crowd does not come back as one. */
export function backoffMs(failures: number): number {
  const full = Math.min(LAST_MS, FIRST_MS * 2 ** failures);
  return full * (0.5 + Math.random() / 2);
}
