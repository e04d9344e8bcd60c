/**
 * How much the proofs try: `QUARTERDECK_PROOF_RUNS` runs over all (default 520), from `QUARTERDECK_SEED` (default: another one each time, which a
 * failure prints). The same seed gives the same commands and faults; how they interleave is left to the machine.
 */
export const proofSettings = {
  seed: numberFrom("QUARTERDECK_SEED") ?? Math.floor(Math.random() * 1e9),
  runs: numberFrom("QUARTERDECK_PROOF_RUNS") ?? 520,
} as const;

function numberFrom(name: string): number | null {
  const text = process.env[name];
  if (text === undefined || text === "") return null;
  if (!/^\d{1,9}$/.test(text)) throw new RangeError(`${name}=${text} is not a number of at most nine digits`);
  return Number(text);
}
