import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";

/** So many puts of as many keys at once, that many times. @returns milliseconds until all of one burst are answered */
export async function concurrentPuts(
  client: BenchClient,
  { puts, bursts }: { readonly puts: number; readonly bursts: number },
): Promise<number> {
  const began = performance.now();
  for (let burst = 0; burst < bursts; burst += 1)
    await Promise.all(
      Array.from({ length: puts }, (_, index) => client.put({ path: `concurrent/${index}`, value: benchValue(burst) })),
    );
  return (performance.now() - began) / bursts;
}
