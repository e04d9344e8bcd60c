import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";
import { quantile } from "./spread.ts";

/**
 * From the call of a put to its event at one follower; the next put begins when the event of the last is there.
 * @returns milliseconds, median and 99th percentile
 */
export async function eventLatency(
  client: BenchClient,
  { events, writer }: { readonly events: number; readonly writer: BenchClient },
): Promise<readonly [p50: number, p99: number]> {
  let came = Promise.withResolvers<number>();
  const stop = await client.follow("latency/", () => came.resolve(performance.now()));
  const latencies: number[] = [];
  for (let event = 0; event < events; event += 1) {
    came = Promise.withResolvers();
    const putAt = performance.now();
    const [at] = await Promise.all([
      came.promise,
      writer.put({ path: `latency/${event % 100}`, value: benchValue(event) }),
    ]);
    latencies.push(at - putAt);
  }
  await stop();
  return [quantile(latencies, 0.5), quantile(latencies, 0.99)];
}
