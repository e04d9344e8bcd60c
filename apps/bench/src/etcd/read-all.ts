import type { BenchClient } from "./bench-client.ts";

/** Reads a prefix that holds so many keys. @returns milliseconds until all are in memory */
export async function readAll(
  client: BenchClient,
  { prefix, keys }: { readonly prefix: string; readonly keys: number },
): Promise<number> {
  const began = performance.now();
  const count = await client.readAll(prefix);
  const took = performance.now() - began;
  if (count() !== keys) throw new Error(`${count()} of ${keys} keys were read`);
  return took;
}
