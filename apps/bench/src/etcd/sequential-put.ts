import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";

/** One put after the other's answer, over 100 keys. @returns milliseconds a put */
export async function sequentialPut(client: BenchClient, puts: number): Promise<number> {
  const began = performance.now();
  for (let index = 0; index < puts; index += 1)
    await client.put({ path: `sequential/${index % 100}`, value: benchValue(index) });
  return (performance.now() - began) / puts;
}
