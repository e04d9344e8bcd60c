import type { BenchClient } from "./bench-client.ts";
import { benchValue } from "./bench-value.ts";

export type Crowd = { readonly followers: number; readonly events: number; readonly writer: BenchClient };

/**
 * Many followers of one prefix in one process, each with a watch of its own as far as the caller can tell.
 * @returns milliseconds until all of them stand, and from a put until all have its event (mean over the events)
 */
export async function fanOut(
  client: BenchClient,
  { followers, events, writer }: Crowd,
): Promise<readonly [opening: number, event: number]> {
  let missing = 0;
  let allHaveIt = Promise.withResolvers<void>();
  const onPut = (): void => {
    missing -= 1;
    if (missing === 0) allHaveIt.resolve();
  };
  const began = performance.now();
  const stops = await Promise.all(Array.from({ length: followers }, () => client.follow("fan-out/", onPut)));
  const opening = performance.now() - began;

  let took = 0;
  for (let event = 0; event < events; event += 1) {
    missing = followers;
    allHaveIt = Promise.withResolvers<void>();
    const putAt = performance.now();
    await Promise.all([writer.put({ path: "fan-out/a", value: benchValue(event) }), allHaveIt.promise]);
    took += performance.now() - putAt;
  }
  await Promise.all(stops.map((stop) => stop()));
  return [opening, took / events];
}
