import type { EtcdClient } from "../client.ts";
import type { Revision } from "../keyspace/key.ts";
import { readQueue, type Place } from "./read-queue.ts";

type Waiting = {
  readonly name: string;
  readonly place: Pick<Place, "path" | "fence">;
  readonly patient: boolean;
};

/**
 * Waits until `place` is the first of its queue: `come`. `gone`: somebody removed it; `later`: others are before it and it is not patient. Each
 * waits for the one right before it, so that one who leaves wakes one and not all.
 */
export async function awaitTurn(
  client: EtcdClient,
  { name, place, patient }: Waiting,
  signal: AbortSignal,
): Promise<"come" | "gone" | "later"> {
  for (;;) {
    const { revision, places } = await readQueue(client, name, signal);
    const index = places.findIndex(({ path, fence }) => path === place.path && fence === place.fence);
    if (index < 0) return "gone";
    const before = places[index - 1];
    if (before === undefined) return "come";
    if (!patient) return "later";
    await anyGone(client, { places: [before, place], from: revision }, signal);
  }
}

type Watched = { readonly places: readonly Pick<Place, "path" | "fence">[]; readonly from: Revision };

/** Resolves when one of the places was removed, or may have been. */
async function anyGone(client: EtcdClient, { places, from }: Watched, signal: AbortSignal): Promise<void> {
  const fences = new Map(places.map(({ path, fence }) => [path, fence]));
  for await (const event of client.follow([...fences.keys()], { from }, signal)) {
    if (event.kind === "reset") return;
    // A key that was removed and made anew shows as one change.
    if (event.changes.some(({ path, json, createRevision }) => json === null || createRevision !== fences.get(path)))
      return;
  }
  signal.throwIfAborted();
}
